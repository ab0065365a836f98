// The answers of a form as one value for each question, and the comparison of three versions of them.
//   a plain question: its texts as a list; a repeated group: a list of rows, each {cell: texts}
import { unify } from './counter.js'

// What stands in [data-aside] goes with a press of the form and is no answer: how one signs, a code of one minute.
const NOT_ANSWERS = new Set(['csrf_token', 'form_key', 'version'])

export function groupsOf (form) {
  const names = [...form.querySelectorAll('[data-rows]')].map((group) => group.dataset.rows)
  return form.querySelector('[data-budget-row]') ? [...names, 'rows'] : names
}

function partsOf (name, groups) {
  for (const group of groups) {
    const found = name.startsWith(group + '-') && /^(\d+)-?(.*)$/.exec(name.slice(group.length + 1))
    if (found) return [group, found[1], found[2]]
  }
  return null
}

// Pairs [name, text] as a form sends them, gathered by question.
export function gathered (pairs, groups) {
  const values = {}
  const places = {}
  for (const [name, text] of pairs) {
    if (NOT_ANSWERS.has(name) || typeof text !== 'string') continue
    const parts = partsOf(name, groups)
    if (!parts) {
      (values[name] ||= []).push(text)
      continue
    }
    const [group, number, cell] = parts
    places[group] ||= []
    if (!places[group].includes(number)) places[group].push(number)
    const rows = values[group] ||= []
    ;((rows[places[group].indexOf(number)] ||= {})[cell] ||= []).push(text)
  }
  return values
}

export function answersOf (form) {
  const aside = new Set([...form.querySelectorAll('[data-aside] [name]')].map((control) => control.name))
  return gathered([...new FormData(form)].filter(([name]) => !aside.has(name)), groupsOf(form))
}

// The form as the server made it, whatever was typed before this script had come.
export function defaultsOf (form) {
  const pairs = []
  for (const control of form.elements) {
    if (!control.name || control.disabled || control.closest('[data-aside]') || ['submit', 'button', 'file', 'fieldset', 'output'].includes(control.type)) continue
    if (control.type === 'radio' || control.type === 'checkbox') {
      if (control.defaultChecked) pairs.push([control.name, control.value])
    } else if (control.options) {
      const chosen = [...control.options].filter((option) => option.defaultSelected)
      for (const option of chosen.length || control.multiple ? chosen : [...control.options].slice(0, 1)) pairs.push([control.name, option.value])
    } else pairs.push([control.name, control.defaultValue])
  }
  return gathered(pairs, groupsOf(form))
}

// What the server tells of its stored answers: {name: [texts]}.
export function stored (fields, groups) {
  return gathered(Object.entries(fields).flatMap(([name, texts]) => texts.map((text) => [name, text])), groups)
}

export function * pairsOf (values) {
  for (const [name, list] of Object.entries(values)) {
    for (const [number, one] of list.entries()) {
      if (typeof one === 'string') yield [name, one]
      else for (const [cell, texts] of Object.entries(one)) for (const text of texts) yield [cell ? `${name}-${number}-${cell}` : `${name}-${number}`, text]
    }
  }
}

function plain (text) {
  const clean = unify(text).trim()
  const figure = clean.replace(/[\s\u00a0\u202f]/g, '')
  return /^\d+([.,]\d+)?$/.test(figure) ? figure.replace(',', '.').replace(/\.0+$/, '') : clean
}

function filledRow (row) {
  const cells = Object.entries(row).map(([cell, texts]) => [cell, texts.map(plain).filter(Boolean)]).filter(([, texts]) => texts.length)
  return cells.length ? JSON.stringify(cells.sort()) : ''
}

// Two answers are the same when the server would store the same.
export function isSame (one, other) {
  return sign(one) === sign(other)
}

function sign (list) {
  return JSON.stringify((list || []).map((one) => typeof one === 'string' ? plain(one) : filledRow(one)).filter(Boolean))
}

// Whether the server holds what this very browser had sent without hearing an answer.
export function isOwn (lost, name, theirs) {
  return (lost || []).some((sent) => isSame(sent[name], theirs[name]))
}

export function differing (one, other) {
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].filter((name) => !isSame(one[name], other[name]))
}

// Puts an answer into the form; false when the form has no place for it (rows that only the server can add).
export function putIn (form, name, list) {
  const group = form.querySelector(`[data-rows="${CSS.escape(name)}"]`)
  if (group) return putRows(group, list || [])
  const controls = [...form.elements].filter((control) => control.name === name)
  controls.forEach((control) => fill(control, list || []))
  return controls.length > 0
}

function fill (control, texts) {
  if (control.type === 'radio' || control.type === 'checkbox') control.checked = texts.includes(control.value)
  else if (control.type !== 'file' && control.type !== 'password') control.value = texts[0] ?? ''
  control.dispatchEvent(new Event('input', { bubbles: true }))
}

function putRows (group, list) {
  const rowsNow = () => [...group.querySelectorAll('[data-row]')]
  const focused = document.activeElement
  for (let missing = list.length - rowsNow().length; missing > 0; missing--) group.querySelector('[data-rows-add]')?.click()
  if (focused !== document.activeElement) focused?.focus?.()
  const rows = rowsNow()
  rows.forEach((row, place) => {
    for (const control of row.querySelectorAll('input, textarea, select')) {
      const cell = partsOf(control.name, [group.dataset.rows])?.[2]
      if (cell !== undefined) fill(control, list[place]?.[cell] || [])
    }
  })
  return rows.length >= list.length
}

// An answer as people read it: chosen options by their labels, rows as lines with their cells in the order of the page.
export function shown (form, name, list) {
  return (list || []).map((one) => typeof one === 'string' ? labelled(form, name, one) : rowText(form, name, one))
    .filter(Boolean).join('\n')
}

function rowText (form, name, row) {
  const controls = new Map()
  for (const control of form.elements) {
    const cell = control.name && partsOf(control.name, [name])?.[2]
    if (cell !== undefined && cell !== null && !controls.has(cell)) controls.set(cell, control)
  }
  const cells = [...controls.keys()].filter((cell) => cell in row)
  return [...cells, ...Object.keys(row).filter((cell) => !controls.has(cell))]
    .map((cell) => cellText(controls.get(cell), row[cell].filter(Boolean))).filter(Boolean).join(' · ')
}

// Figures of a table say what they are; what is chosen stands in words.
function cellText (control, texts) {
  const words = texts.map((text) => [...control?.options || []].find((option) => option.value === text)?.textContent.trim() || text).join(', ')
  return words && control?.inputMode === 'decimal' && control.dataset.rowLabel ? `${control.dataset.rowLabel} ${words}` : words
}

function labelled (form, name, text) {
  const option = [...form.elements].find((control) => control.name === name && ['radio', 'checkbox'].includes(control.type) && control.value === text)
  const label = option && (option.labels?.[0]?.textContent.trim() || option.getAttribute('aria-label'))
  return label || text
}

export function isText (form, name) {
  if (form.querySelector(`[data-rows="${CSS.escape(name)}"]`)) return true
  const control = form.elements.namedItem(name)
  return control instanceof HTMLTextAreaElement
}

export function placeOf (form, name) {
  const group = form.querySelector(`[data-rows="${CSS.escape(name)}"]`) || (name === 'rows' && form.querySelector('[data-budget-row]')?.closest('.app-tablewrap'))
  const control = group || [...form.elements].find((one) => one.name === name)
  return control?.closest('.govuk-form-group, .app-score') || control || form
}

// The label of a field, after the heading of the group in which it stands.
export function titleOf (form, name) {
  const place = placeOf(form, name)
  const label = place.querySelector('legend, caption, label.govuk-label')
  const heading = place.parentElement?.closest('fieldset')?.querySelector('legend > :first-child')
  return [heading, label].map((node) => node?.textContent.trim()).filter(Boolean).join('. ') || name
}
