// Saves as you type: into this browser within 1.5 seconds, to the server when typing rests.
import { filled } from './wording.js'
import { forget, keep, kept, markSent } from './drafts.js'

const BROWSER_MS = 1200
const SERVER_MS = 2500
const RETRY_MS = 15000
const NOT_ANSWERS = new Set(['csrf_token', 'form_key'])

function answers (form) {
  const values = {}
  for (const [name, value] of new FormData(form)) {
    if (typeof value === 'string' && !NOT_ANSWERS.has(name)) (values[name] ||= []).push(value)
  }
  return values
}

function putBack (form, values) {
  for (const control of form.elements) {
    if (!control.name || NOT_ANSWERS.has(control.name) || control.name === 'version') continue
    const wanted = values[control.name]
    if (control.type === 'radio' || control.type === 'checkbox') control.checked = !!wanted && wanted.includes(control.value)
    else if (wanted && control.type !== 'file' && control.type !== 'password') control.value = wanted[0]
    else continue
    control.dispatchEvent(new Event('input', { bubbles: true }))
  }
}

class Autosave {
  constructor (form) {
    this.form = form
    this.key = form.dataset.autosave
    this.words = form.dataset
    this.status = form.querySelector('[data-autosave-status]') || document.querySelector('[data-autosave-status]')
    this.changed = 0
    this.saved = 0
    this.isStopped = false
    form.addEventListener('input', () => this.touch())
    form.addEventListener('change', () => this.touch())
    form.addEventListener('submit', () => this.leave())
    window.addEventListener('online', () => this.send())
    document.addEventListener('visibilitychange', () => document.hidden && this.flush())
  }

  get version () {
    const field = this.form.elements.namedItem('version')
    return field ? field.value : ''
  }

  touch () {
    this.changed += 1
    clearTimeout(this.browserTimer)
    clearTimeout(this.serverTimer)
    this.browserTimer = setTimeout(() => this.keepHere(), BROWSER_MS)
    this.serverTimer = setTimeout(() => this.send(), SERVER_MS)
  }

  keepHere () {
    if (this.changed > this.saved) keep(this.key, this.version, answers(this.form))
  }

  flush () {
    this.keepHere()
    this.send()
  }

  leave () {
    // The submission carries everything; a late automatic save would only clash with it.
    this.keepHere()
    this.isStopped = true
    clearTimeout(this.serverTimer)
    markSent(this.key)
    setTimeout(() => { this.isStopped = false }, RETRY_MS)
  }

  async send () {
    if (this.isStopped || this.isBusy || this.changed === this.saved) return
    this.isBusy = true
    const upTo = this.changed
    this.show(this.words.saving)
    try {
      const answer = await fetch(this.key, { method: 'POST', body: this.body(), headers: { Accept: 'application/json', 'X-Requested-With': 'fetch' }, redirect: 'error' })
      await this.read(answer, upTo)
    } catch {
      this.keepHere()
      this.show(this.words.offline, 'warn')
      this.serverTimer = setTimeout(() => this.send(), RETRY_MS)
    } finally {
      this.isBusy = false
    }
    if (this.changed > upTo && !this.isStopped) this.serverTimer = setTimeout(() => this.send(), SERVER_MS)
  }

  body () {
    const body = new FormData(this.form)
    // The key belongs to the final press; with it the server would take a later text for a replay.
    body.delete('form_key')
    for (const [name, value] of [...body]) if (typeof value !== 'string') body.delete(name)
    return body
  }

  async read (answer, upTo) {
    const said = await answer.json().catch(() => ({}))
    if (answer.ok) {
      this.saved = upTo
      if (said.version !== undefined && this.form.elements.namedItem('version')) this.form.elements.namedItem('version').value = said.version
      if (this.changed === upTo) forget(this.key)
      this.show(filled(this.words.saved, { time: said.saved_at || new Date().toTimeString().slice(0, 5) }), 'ok')
    } else if (answer.status === 409) {
      this.isStopped = true
      this.keepHere()
      this.show(said.message || this.words.clash, 'bad')
      this.showOther(said.text)
    } else if (answer.status >= 500) {
      throw new Error(String(answer.status))
    } else if (answer.status === 422) {
      this.show(said.message || this.words.refused, 'warn')
    } else {
      // The token or the session is too old: typing on is safe, the copy here waits for a fresh page.
      this.keepHere()
      this.show(said.message || this.words.stale, 'warn')
    }
  }

  show (text, kind = '') {
    if (!this.status) return
    this.status.textContent = text
    this.status.classList.toggle('app-saved--warn', kind === 'warn')
    this.status.classList.toggle('app-saved--bad', kind === 'bad')
  }

  showOther (text) {
    if (!text || !this.status) return
    const note = document.createElement('div')
    note.className = 'app-note app-note--bad app-pre'
    note.textContent = text
    this.status.after(note)
  }

  restore () {
    const copy = kept(this.key)
    if (!copy) return
    const here = JSON.stringify(answers(this.form))
    if (JSON.stringify(copy.values) === here) return forget(this.key)
    if (copy.version === this.version) return this.takeBack(copy)
    this.offer(copy)
  }

  takeBack (copy) {
    putBack(this.form, copy.values)
    this.show(this.words.restored, 'warn')
    this.touch()
  }

  // The stored text moved on since the copy was made: the person decides, nothing is overwritten silently.
  offer (copy) {
    const note = document.createElement('div')
    note.className = 'app-note app-note--warn'
    const sentence = document.createElement('p')
    sentence.textContent = filled(this.words.found, { time: new Date(copy.at).toTimeString().slice(0, 5) })
    const take = this.button(this.words.take, () => { note.remove(); this.takeBack(copy) })
    const drop = this.button(this.words.drop, () => { note.remove(); forget(this.key) })
    note.append(sentence, take, ' ', drop)
    this.form.prepend(note)
  }

  button (label, act) {
    const button = document.createElement('button')
    button.type = 'button'
    button.className = 'govuk-button govuk-button--secondary app-flush'
    button.textContent = label
    button.addEventListener('click', act)
    return button
  }
}

export function start (root) {
  root.querySelectorAll('form[data-autosave]').forEach((form) => {
    if (form.dataset.autosaveReady) return
    form.dataset.autosaveReady = 'yes'
    new Autosave(form).restore()
  })
}
