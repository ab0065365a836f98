// Counts what is left, as the server counts: code points, or words, of the unified text. What is too much is shown, not cut.
//
// Marks:  [data-counter-max]; by wish data-counter-unit="words", data-counter-min, data-counter-quiet (silent until three
//         quarters are used), and on the note #<id>-info the sentences data-left-…, data-over-…, data-need-…, data-beyond
import { counted } from './wording.js'

const BREAKS = /\r\n|[\r\u000b\u000c\u0085\u2028\u2029]/g
const APOSTROPHES = /['\u02bc\u2019\u0060\u00b4\u2018\u02b9](?=[А-Яа-яЄєІіЇїҐґ])/g
const INVISIBLE = /[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\u00ad]/g
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0008\u000e-\u001f\u007f]/g
const QUIET_UNTIL = 0.75
const LONGEST_TAIL = 300

export function unify (text) {
  return text.replace(BREAKS, '\n').replace(INVISIBLE, '').replace(CONTROL, '').normalize('NFC').replace(APOSTROPHES, '’')
}

export function oneLine (text) {
  return unify(text).replace(/\s+/g, ' ').trim()
}

export function countCharacters (text) {
  return [...unify(text).trim()].length
}

const WORD = /[\p{L}\p{N}]/u

export function countWords (text) {
  return unify(text).split(/\s+/).filter((run) => WORD.test(run)).length
}

// The part of the text that is beyond the limit.
export function beyond (text, most, unit) {
  const plain = unify(text).trim()
  if (unit !== 'words') return [...plain].slice(most).join('')
  let left = most
  for (const run of plain.matchAll(/\S+/g)) {
    if (WORD.test(run[0]) && left-- === 0) return plain.slice(run.index)
  }
  return ''
}

class Counter {
  constructor (control, note) {
    this.control = control
    this.note = note
    this.most = Number(control.dataset.counterMax)
    this.least = Number(control.dataset.counterMin || 0)
    this.unit = control.dataset.counterUnit
    control.addEventListener('input', () => this.show())
    // Screen readers hear the count once typing rests, not with every key.
    control.addEventListener('input', () => {
      clearTimeout(this.later)
      note.removeAttribute('role')
      this.later = setTimeout(() => note.setAttribute('role', 'status'), 1500)
    })
    if (control.value) this.show()
  }

  get text () {
    return this.control instanceof HTMLTextAreaElement ? this.control.value : oneLine(this.control.value)
  }

  show () {
    const { note, most, least } = this
    const now = this.unit === 'words' ? countWords(this.text) : countCharacters(this.text)
    note.classList.toggle('is-over', now > most)
    this.control.classList.toggle('app-beyond-limit', now > most)
    if ('counterQuiet' in this.control.dataset) note.hidden = now < most * QUIET_UNTIL
    if (now < least) note.textContent = counted(note, 'need', least - now)
    else note.textContent = now > most ? counted(note, 'over', now - most) : counted(note, 'left', most - now)
    this.mark(now > most)
  }

  // A text box cannot colour a part of its text: what is too much stands under it.
  mark (isOver) {
    if (!isOver) return this.tail?.remove()
    this.tail ||= document.createElement('p')
    this.tail.className = 'app-beyond'
    const text = beyond(this.text, this.most, this.unit)
    const mark = document.createElement('mark')
    mark.textContent = text.length > LONGEST_TAIL ? text.slice(0, LONGEST_TAIL) + '…' : text
    this.tail.replaceChildren((this.note.dataset.beyond || '') + ' ', mark)
    if (!this.tail.isConnected) this.note.after(this.tail)
  }
}

function follow (control) {
  const note = document.getElementById(control.id + '-info')
  if (!note || control.dataset.counted) return
  control.dataset.counted = 'yes'
  new Counter(control, note)
}

export function start (root) {
  root.querySelectorAll('[data-counter-max]').forEach(follow)
}
