// Saves while people type: into this browser within a second, to the server within two, and merges what others wrote.
import { answersOf, defaultsOf, differing, gathered, groupsOf, isOwn, isSame, pairsOf, putIn, shown, stored, titleOf } from './answers.js'
import { Clash, textToCopy } from './clash.js'
import { forget, keep, markSent, person } from './drafts.js'
import { sendLast } from './parting.js'
import { restore } from './restoring.js'
import { renew, seen, signInHere } from './session.js'
import { filled, hour } from './wording.js'

const BROWSER_MS = 500
const SERVER_MS = 1000
const RETRY_MS = [1000, 2000, 4000, 8000, 15000]
const ASIDE_MS = 30000
const LOOK_MS = 5000
const MOST_PARTS = 3
const MOST_LOST = 4
const JSON_ANSWER = { Accept: 'application/json', 'X-Requested-With': 'fetch' }

class Autosave {
  constructor (form) {
    this.form = form
    this.key = form.dataset.autosave
    this.words = form.dataset
    this.status = form.querySelector('[data-autosave-status]') || document.querySelector('[data-autosave-status]')
    this.groups = groupsOf(form)
    this.base = defaultsOf(form) // what the server holds at `version`
    this.lost = [] // sent, and no answer came: the server may hold them
    this.held = new Map() // answers changed elsewhere too: the server keeps its own until the person has chosen
    this.changed = this.saved = this.kept = this.failures = this.answers = 0
    this.listen()
  }

  listen () {
    const { form } = this
    form.addEventListener('input', () => this.touch())
    form.addEventListener('change', () => this.touch())
    form.addEventListener('submit', (event) => this.leave(event))
    window.addEventListener('online', () => this.again())
    window.addEventListener('pagehide', () => this.part())
    window.addEventListener('focus', () => this.look())
    document.addEventListener('visibilitychange', () => document.hidden ? this.flush() : this.look())
    if (!('BroadcastChannel' in globalThis) || !person) return
    this.channel = new BroadcastChannel(`${person} ${this.key}`)
    this.channel.onmessage = ({ data }) => this.hear(data)
    this.channel.postMessage({ is: 'open' })
  }

  get version () {
    return this.form.elements.namedItem('version')?.value ?? ''
  }

  set version (text) {
    const field = this.form.elements.namedItem('version')
    if (field && text !== undefined) field.value = text
  }

  // Timers are not put off by further typing: a person who never rests is saved as often as one who does.
  touch () {
    if (this.isFilling) return
    this.changed += 1
    this.oldest ||= Date.now()
    this.browserTimer ||= setTimeout(() => this.keepHere(), BROWSER_MS)
    this.serverTimer ||= setTimeout(() => this.send(), SERVER_MS)
  }

  async keepHere () {
    clearTimeout(this.browserTimer)
    this.browserTimer = 0
    if (this.changed === this.kept || (this.changed === this.saved && this.held.size === 0)) return
    this.kept = this.changed
    this.isKept = await keep(this.key, this.copy())
  }

  copy () {
    const held = [...this.held].map(([name, one]) => [name, one.theirs, one.sent])
    return { values: answersOf(this.form), base: this.base, version: this.version, held, lost: this.lost, texts: this.texts(), page: location.pathname, title: document.querySelector('h1')?.textContent }
  }

  texts () {
    const values = answersOf(this.form)
    return Object.keys(values).map((name) => [titleOf(this.form, name), shown(this.form, name, values[name])]).filter(([, text]) => text)
  }

  flush () {
    this.keepHere()
    this.again()
  }

  again () {
    clearTimeout(this.serverTimer)
    this.serverTimer = 0
    this.failures = 0
    return this.send()
  }

  // The page is going: no answer will be read, so the copy here stays and is compared when the page opens again.
  part () {
    if (this.isStopped || this.changed === this.saved) return
    keep(this.key, this.copy())
    sendLast(this.key, this.body(), JSON_ANSWER, this.isInParts() ? 2 : 1)
  }

  // One request writes one part of a page; nobody will answer here that the other is left, so the same goes twice.
  isInParts () {
    const apart = (this.words.autosaveApart || '').split(' ')
    const names = differing(this.base, answersOf(this.form))
    return names.some((name) => apart.includes(name)) && names.some((name) => !apart.includes(name))
  }

  // A press goes only where it can arrive: the network is there, the session lives, nothing waits for a choice.
  leave (event) {
    if (this.isCleared) {
      this.isCleared = false
      return
    }
    if (event.defaultPrevented && !this.isChecking) return
    event.preventDefault()
    if (!this.isChecking) this.clear(event.submitter).finally(() => { this.isChecking = false })
    this.isChecking = true
  }

  async clear (submitter) {
    await keep(this.key, this.copy())
    await this.sending
    if (this.held.size) return this.stay(this.words.clash, 'bad')
    const state = await renew()
    if (state === 'lost') return this.stay(await keep(this.key, this.copy()) ? this.words.offline : this.words.unkept, 'warn')
    if (state !== 'same' && document.querySelector('dialog[data-session-over]') && !await signInHere(state)) return this.stay(this.words.stale, 'warn')
    // The submission carries everything. It goes with the version of the last save: one that set out meanwhile is waited for.
    this.isStopped = true
    await this.sending
    if (this.held.size) return this.stay(this.words.clash, 'bad')
    setTimeout(() => { this.isStopped = !!this.isRefused }, ASIDE_MS)
    markSent(this.key)
    delete this.form.dataset.sent
    this.isCleared = true
    this.form.requestSubmit(submitter)
  }

  stay (text, kind) {
    this.isStopped = !!this.isRefused
    delete this.form.dataset.sent
    this.show(text, kind)
    const panel = this.held.values().next().value?.panel.panel
    ;(panel || this.status)?.scrollIntoView({ block: 'center' })
  }

  send () {
    clearTimeout(this.serverTimer)
    this.serverTimer = 0
    if (this.isStopped || this.isBusy || this.changed === this.saved) return
    this.sending = this.deliver()
    return this.sending
  }

  async deliver () {
    this.isBusy = true
    const upTo = this.changed
    this.oldest = 0
    this.show(this.words.saving)
    let wait = SERVER_MS
    try {
      for (let part = 0; part < MOST_PARTS && wait === SERVER_MS && (part === 0 || this.left.length); part++) wait = await this.hand(upTo)
    } catch {
      wait = await this.lose()
    } finally {
      this.isBusy = false
      this.answers += 1
    }
    // What was typed during a slow answer has waited already.
    if (wait === SERVER_MS && this.oldest) wait = Math.max(this.oldest + SERVER_MS - Date.now(), 0)
    if (this.changed > this.saved && !this.isStopped) this.serverTimer ||= setTimeout(() => this.send(), wait)
  }

  async hand (upTo) {
    this.left = []
    const body = this.body()
    const sent = gathered([...body], this.groups)
    this.lost = [...this.lost.slice(-MOST_LOST), sent]
    return this.read(await fetch(this.key, { method: 'POST', body, headers: JSON_ANSWER, redirect: 'error' }), upTo, sent)
  }

  // The form_key belongs to the final press; with it the server would take a later text for a replay.
  body () {
    const values = answersOf(this.form)
    for (const [name, one] of this.held) values[name] = one.sent
    const body = new FormData()
    for (const name of ['csrf_token', 'version']) if (this.form.elements.namedItem(name)) body.append(name, this.form.elements.namedItem(name).value)
    for (const [name, text] of pairsOf(values)) body.append(name, text)
    return body
  }

  // How long to wait before what is still unsaved is sent again.
  async read (answer, upTo, sent) {
    const said = await answer.json().catch(() => ({}))
    if (answer.ok) this.settle(said, upTo, sent)
    else if (answer.status === 409) return this.clash(said)
    else if (answer.status === 401 || answer.status === 400) return this.reenter(said)
    else if (answer.status === 403 || answer.status === 404) this.refuse(said.message)
    else if (answer.status >= 500 || answer.status === 429) throw new Error(String(answer.status))
    else {
      await keep(this.key, this.copy())
      this.saved = upTo // the same answers would be refused again; the next key is the next attempt
      this.show(said.message || this.words.refused, 'warn')
    }
    return SERVER_MS
  }

  settle (said, upTo, sent) {
    this.failures = 0
    this.left = said.left || [] // carried, and not written by this request
    const before = this.base
    this.base = { ...sent }
    for (const name of this.left) this.base[name] = before[name]
    this.lost = []
    this.version = said.version
    seen()
    if (this.left.length) return
    this.saved = upTo
    this.channel?.postMessage({ is: 'saved' })
    if (this.changed === upTo) this.rest()
    const time = said.saved_at || hour()
    if (this.held.size) this.show(this.words.clash, 'bad')
    else this.show(filled(this.words.saved, { time }) + (this.note ? ` ${this.note}` : ''), 'ok')
  }

  // Everything is on the server. A form kept for work without a network stays here in its newest state.
  rest () {
    clearTimeout(this.browserTimer)
    this.browserTimer = 0
    this.kept = this.changed
    if (this.held.size || this.isOffline) keep(this.key, { ...this.copy(), isSaved: this.held.size === 0 })
    else forget(this.key)
  }

  async lose () {
    const isKept = await keep(this.key, this.copy())
    this.show(isKept ? this.words.offline : this.words.unkept, 'warn')
    return RETRY_MS[Math.min(this.failures++, RETRY_MS.length - 1)]
  }

  async reenter (said) {
    const isKept = await keep(this.key, this.copy())
    const state = await renew()
    if (state === 'same') {
      if (this.isReentered) this.show(said.message || this.words.stale, 'warn')
      const wait = this.isReentered ? ASIDE_MS : 0
      this.isReentered = !this.isReentered
      return wait
    }
    if (state === 'lost') throw new Error(state)
    this.show(isKept ? this.words.stale : this.words.unkept, 'warn')
    return await signInHere(state) ? 0 : ASIDE_MS
  }

  clash (said) {
    this.said = said.message
    if (!said.fields) {
      this.isStopped = this.isRefused = true
      this.keepHere()
      this.show(said.message || this.words.clash, 'bad')
      this.showOther(said.text)
      return SERVER_MS
    }
    this.meet(stored(said.fields, this.groups), said.version)
    return 0
  }

  showOther (text) {
    if (!text || !this.status) return
    const note = document.createElement('div')
    note.className = 'app-note app-note--bad app-pre'
    note.textContent = text
    this.status.after(note)
  }

  // Three versions of each answer: what both knew, what stands here, what was stored elsewhere.
  meet (theirs, version, base = this.base) {
    const mine = answersOf(this.form)
    const moved = differing(base, theirs).filter((name) => !isOwn(this.lost, name, theirs))
    this.lost = []
    this.base = theirs
    this.version = version
    for (const [name, one] of this.held) if (!moved.includes(name)) one.sent = theirs[name] || []
    for (const name of moved) {
      if (isSame(mine[name], theirs[name])) this.release(name)
      else if (!this.held.has(name) && isSame(mine[name], base[name])) this.adopt(name, theirs[name])
      else this.hold(name, theirs[name], theirs[name])
    }
    if (moved.length) this.note = this.words.merged
    const isAll = differing(answersOf(this.form), theirs).every((name) => this.held.has(name))
    if (isAll) this.saved = this.changed
    if (isAll) this.rest()
    if (this.held.size) this.show(this.said || this.words.clash, 'bad')
    else if (isAll && moved.length) this.show(this.words.merged, 'ok')
    if (!isAll) this.touch()
  }

  adopt (name, values) {
    this.isFilling = true
    const isPut = putIn(this.form, name, values)
    this.isFilling = false
    if (!isPut) this.hold(name, values, values)
  }

  hold (name, theirs, sent) {
    const one = this.held.get(name) || { panel: new Clash(this.form, name, this.words, (choice) => this.choose(name, choice)) }
    this.held.set(name, { ...one, theirs: theirs || [], sent: sent || [] })
    one.panel.show(answersOf(this.form)[name] || [], theirs)
  }

  release (name) {
    this.held.get(name)?.panel.close()
    this.held.delete(name)
  }

  choose (name, choice) {
    const { theirs } = this.held.get(name)
    const mine = answersOf(this.form)[name] || []
    this.held.delete(name)
    const both = typeof (mine[0] ?? theirs[0]) === 'string' ? [[mine[0], theirs[0]].filter(Boolean).join('\n\n')] : [...mine, ...theirs]
    if (choice !== 'mine' && !putIn(this.form, name, choice === 'both' ? both : theirs)) return forget(this.key).then(() => location.reload())
    this.note = ''
    this.changed += 1
    this.again()
  }

  // Scoring ended, the sheet was submitted, the assignment taken back: the text stays with its author, to be copied.
  async refuse (message) {
    this.isStopped = this.isRefused = true
    await keep(this.key, { ...this.copy(), refusal: message || this.words.gone })
    this.show(message || this.words.gone, 'bad')
    const text = this.texts().map(([title, words]) => `${title}\n${words}`).join('\n\n')
    const panel = textToCopy(message || this.words.gone, this.words.copyHint, text, this.words.copyLabel, this.words.copied, () => forget(this.key))
    this.form.prepend(panel)
  }

  show (text, kind = '') {
    if (!this.status) return
    this.status.textContent = text
    this.status.classList.toggle('app-saved--warn', kind === 'warn')
    this.status.classList.toggle('app-saved--bad', kind === 'bad')
  }

  hear (data) {
    if (data.is === 'open') this.channel.postMessage({ is: 'here' })
    if (data.is === 'open' || data.is === 'here') this.showTwin()
    if (data.is === 'saved') this.look(true)
  }

  showTwin () {
    if (this.twin || !this.status) return
    this.twin = document.createElement('p')
    this.twin.className = 'app-saved app-saved--warn'
    this.twin.textContent = this.words.twin
    this.status.after(this.twin)
  }

  async ask () {
    const answer = await fetch(this.key, { headers: JSON_ANSWER, redirect: 'error' }).catch(() => null)
    const said = answer?.ok ? await answer.json().catch(() => null) : null
    return said?.fields ? { values: stored(said.fields, this.groups), version: said.version } : null
  }

  // Somebody comes back to a page that stood open: what another device wrote meanwhile is there at once.
  async look (isCalled = false) {
    if (this.isStopped || this.isBusy || (!isCalled && Date.now() - this.lookedAt < LOOK_MS)) return
    this.lookedAt = Date.now()
    const before = this.answers
    const state = await this.ask()
    // An own save that ran meanwhile has told more than this answer.
    if (this.isBusy || this.answers !== before) return
    if (state && state.version !== this.version) this.meet(state.values, state.version)
    else if (state && this.changed > this.saved) this.again()
  }
}

const running = []

// Everything on this page is on the server, or in a copy here, before the person goes away for good.
export async function saveAll () {
  for (const autosave of running) {
    await autosave.sending
    await autosave.again()
    await autosave.keepHere()
  }
}

export function start (root) {
  root.querySelectorAll('form[data-autosave]').forEach((form) => {
    if (form.dataset.autosaveReady) return
    form.dataset.autosaveReady = 'yes'
    // A review is confidential: the browser's own memory of forms lies readable on the disk.
    if ('scoreSheet' in form.dataset) form.autocomplete = 'off'
    const autosave = new Autosave(form)
    running.push(autosave)
    restore(autosave)
  })
}
