// Attaches selected words of the application to a criterion.
//
// Marks:  [data-reading]                      the text; inside it [data-answer] with data-offset, and [data-not-text] signs
//         [data-marker] data-url              the bar: buttons [data-criterion], [data-marker-close]
//         [data-marker-said]                  where the outcome is said
//         [data-evidence-of="criterion"]      list of a criterion; in it [data-evidence-remove="address"]
// The server draws marks and lists; after each change both are taken from a fresh page, so nothing typed is touched.
import { filled } from './wording.js'

const MOST = 500

function wordsOf (range) {
  const copy = range.cloneContents()
  copy.querySelectorAll('[data-not-text]').forEach((sign) => sign.remove())
  return copy.textContent
}

function answerOf (node) {
  const element = node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement
  return element && element.closest('[data-answer]')
}

// The selected words with their place, or null where the selection leaves one answer.
export function selected (reading) {
  const selection = document.getSelection()
  if (!selection || selection.isCollapsed || !selection.rangeCount) return null
  const range = selection.getRangeAt(0)
  if (!reading.contains(range.commonAncestorContainer)) return null
  const first = answerOf(range.startContainer)
  if (!first) return null
  const last = answerOf(range.endContainer)
  const inside = range.cloneRange()
  if (!last || last.dataset.answer !== first.dataset.answer) inside.setEndAfter(first.lastChild)
  const before = document.createRange()
  before.setStart(first, 0)
  before.setEnd(range.startContainer, range.startOffset)
  const words = wordsOf(inside)
  if (!words.trim() || words.length > 2 * MOST) return null
  return { quote: words, question: first.dataset.answer, start: Number(first.dataset.offset) + wordsOf(before).length, box: range.getBoundingClientRect() }
}

class Marker {
  constructor (bar) {
    this.bar = bar
    this.said = document.querySelector('[data-marker-said]')
    this.form = document.querySelector('[data-review-sheet]')
    document.addEventListener('selectionchange', () => this.follow())
    bar.addEventListener('mousedown', (event) => event.preventDefault())
    bar.addEventListener('keydown', (event) => event.key === 'Escape' && this.hide())
    bar.querySelector('[data-marker-close]').addEventListener('click', () => { document.getSelection().removeAllRanges(); this.hide() })
    bar.querySelectorAll('[data-criterion]').forEach((button) => button.addEventListener('click', () => this.attach(button)))
    document.addEventListener('click', (event) => this.removing(event))
    document.addEventListener('review:attach', (event) => this.attachNumber(event))
    document.addEventListener('review:marker', (event) => this.enter(event))
  }

  get reading () {
    return document.querySelector('[data-reading]')
  }

  follow () {
    if (this.bar.contains(document.activeElement)) return
    const found = selected(this.reading)
    if (!found) return this.hide()
    this.found = found
    this.bar.hidden = false
    const top = Math.min(Math.max(found.box.bottom + 8, 8), window.innerHeight - this.bar.offsetHeight - 8)
    const left = Math.min(Math.max(found.box.left, 8), window.innerWidth - this.bar.offsetWidth - 8)
    this.bar.style.setProperty('top', `${Math.round(top)}px`)
    this.bar.style.setProperty('left', `${Math.round(left)}px`)
  }

  hide () {
    this.bar.hidden = true
    this.found = null
  }

  // A key may come before the browser has told of the selection: it is read again.
  enter (event) {
    this.follow()
    if (!this.found) return
    event.preventDefault()
    this.bar.querySelector('[data-criterion]').focus()
  }

  attachNumber (event) {
    this.follow()
    const button = this.found && this.bar.querySelector(`[data-number="${event.detail}"]`)
    if (!button) return
    event.preventDefault()
    this.attach(button)
  }

  async attach (button) {
    const found = this.found
    if (!found) return
    const body = { criterion: button.dataset.criterion, question: found.question, quote: found.quote, start: String(found.start) }
    if (!await this.send(this.bar.dataset.url, body)) return
    document.getSelection().removeAllRanges()
    this.hide()
    this.say(filled(this.bar.dataset.added, { number: button.dataset.number }))
    const list = document.querySelector(`[data-evidence-of="${CSS.escape(button.dataset.criterion)}"]`)
    document.querySelector('#text').focus({ preventScroll: true })
    if (list && matchMedia('(min-width: 64em)').matches) list.scrollIntoView({ block: 'nearest' })
  }

  removing (event) {
    const button = event.target.closest('[data-evidence-remove]')
    if (!button) return
    event.preventDefault()
    const list = button.closest('[data-evidence-of]')
    this.send(button.dataset.evidenceRemove, {}).then((isDone) => {
      if (!isDone) return
      this.say(this.bar.dataset.removed)
      list.querySelector('button')?.focus()
    })
  }

  async send (address, values) {
    const body = new FormData()
    body.set('csrf_token', this.form.elements.namedItem('csrf_token')?.value || '')
    for (const [name, value] of Object.entries(values)) body.set(name, value)
    try {
      const answer = await fetch(address, { method: 'POST', body, headers: { Accept: 'application/json', 'X-Requested-With': 'fetch' }, redirect: 'error' })
      if (!answer.ok) {
        const told = await answer.json().catch(() => ({}))
        this.say(told.message || this.bar.dataset.stale)
        return false
      }
      await this.redraw()
      return true
    } catch {
      this.say(this.bar.dataset.failed)
      return false
    }
  }

  async redraw () {
    const fresh = new DOMParser().parseFromString(await (await fetch(location.pathname)).text(), 'text/html')
    const reading = fresh.querySelector('[data-reading]')
    if (!reading) return
    this.reading.replaceChildren(...reading.childNodes)
    fresh.querySelectorAll('[data-evidence-of]').forEach((list) => {
      document.querySelector(`[data-evidence-of="${CSS.escape(list.dataset.evidenceOf)}"]`)?.replaceChildren(...list.childNodes)
    })
  }

  say (text) {
    this.said.textContent = text
    clearTimeout(this.timer)
    this.timer = setTimeout(() => { this.said.textContent = '' }, 6000)
  }
}

export function start (root) {
  root.querySelectorAll('[data-marker]').forEach((bar) => {
    if (bar.dataset.ready) return
    bar.dataset.ready = 'yes'
    new Marker(bar)
  })
}
