// Counts what is left, as the server counts: code points of the unified text.
import { counted } from './wording.js'

const APOSTROPHES = /['\u02bc\u2019\u0060\u00b4\u2018\u02b9](?=[А-Яа-яЄєІіЇїҐґ])/g
const INVISIBLE = /[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\u00ad]/g
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g

export function unify (text) {
  return text.replace(/\r\n?/g, '\n').normalize('NFC').replace(INVISIBLE, '').replace(CONTROL, '').replace(APOSTROPHES, '’')
}

export function countCharacters (text) {
  return [...unify(text).trim()].length
}

function follow (control) {
  const note = document.getElementById(control.id + '-info')
  if (!note || control.dataset.counted) return
  control.dataset.counted = 'yes'
  const most = Number(control.dataset.counterMax)
  const least = Number(control.dataset.counterMin || 0)
  let later
  const show = () => {
    const now = countCharacters(control.value)
    note.classList.toggle('is-over', now > most)
    if (now < least) note.textContent = counted(note, 'need', least - now)
    else note.textContent = now > most ? counted(note, 'over', now - most) : counted(note, 'left', most - now)
  }
  control.addEventListener('input', show)
  // Screen readers hear the count once typing rests, not with every key.
  control.addEventListener('input', () => {
    clearTimeout(later)
    note.removeAttribute('role')
    later = setTimeout(() => note.setAttribute('role', 'status'), 1500)
  })
  if (control.value) show()
}

export function start (root) {
  root.querySelectorAll('[data-counter-max]').forEach(follow)
}
