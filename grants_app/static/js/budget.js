// Live sums of a project budget in whole kopiykas. The server computes everything again; sums are never sent.
//
// Rows are added, removed and moved here as by the buttons of the page without a script; a block copied from a
// spreadsheet is not typed into one cell but taken to the page that shows how it is understood.
//
// Marks:  [data-budget]                              the form or table
//         [data-budget-row]                          a line, id rows-N; inside it
//           button[data-row-up|down|remove]          moves or removes it; button[data-row-add] stands outside
//           [data-row-label], [data-row-name]        words that carry its number: "Price", "Remove: row {number}"
//           input[data-quantity], input[data-price]  up to three decimals; hryvnias
//           [data-cost]                              quantity × price, rounded half up (text is replaced)
//           input[data-source="city|own_cash|…"]     hryvnias by source
//           [data-difference]                        cost minus sources, shown when it is not zero; data-words="… {sum}"
//           input[data-least]                        what stays at the smallest amount; empty: as in full
//         [data-total="cost|city|…|least"]           sum of the column
//         form[data-budget-paste] textarea           where a pasted block goes
//         [data-budget-status]                       what is said of rows: data-added, data-removed, data-moved
//         [data-share="city|…"]                      its share of the cost, one decimal, per cent
import { saveAll } from './autosave.js'
import { empty, renumber } from './rows.js'
import { filled } from './wording.js'

const GROUP = '\u00a0'
const CURRENCY = /^(?:₴|UAH)\s*|\s*(?:₴|грн\.?|UAH)$/gi

// «1,500» is fifteen hundred to one reader and one and a half to another: the server refuses it, so nothing is counted.
const TWO_WAYS = /^[1-9]\d{0,2}(?:(?:,\d{3})+|(?:\.\d{3})+)$/

export function thousandths (text) {
  const plain = text.replace(/[\s\u00a0\u202f]/g, '')
  return TWO_WAYS.test(plain) ? null : scaled(plain.replace(/([.,]\d{3})0$/, '$1'), 3)
}

// With both separators in one amount it is plain which is which.
export function kopiykas (text) {
  const plain = text.trim().replace(CURRENCY, '')
  if (/^\d{1,3}(?:,\d{3})+\.\d{2}$/.test(plain)) return scaled(plain.replaceAll(',', ''), 2)
  if (/^\d{1,3}(?:\.\d{3})+,\d{2}$/.test(plain)) return scaled(plain.replaceAll('.', ''), 2)
  return scaled(plain, 2)
}

function scaled (text, digits) {
  const plain = text.replace(/[\s\u00a0\u202f]/g, '').replace(',', '.')
  if (plain === '') return 0n
  const found = /^(\d{1,12})(?:\.(\d*))?$/.exec(plain)
  if (!found || (found[2] || '').length > digits) return null
  return BigInt(found[1] + (found[2] || '').padEnd(digits, '0'))
}

export function cost (quantity, price) {
  return (quantity * price * 2n + 1000n) / 2000n
}

export function hryvnias (kop) {
  const sign = kop < 0n ? '−' : ''
  const whole = kop < 0n ? -kop : kop
  const english = document.documentElement.lang === 'en'
  const text = String(whole / 100n).replace(/\B(?=(\d{3})+$)/g, english ? ',' : GROUP)
  const rest = whole % 100n
  return sign + text + (rest ? (english ? '.' : ',') + String(rest).padStart(2, '0') : '')
}

// As a sum stands in a field: the server reads it in either language.
export function typable (kop) {
  const rest = kop % 100n
  const point = document.documentElement.lang === 'en' ? '.' : ','
  return String(kop / 100n).replace(/\B(?=(\d{3})+$)/g, ' ') + (rest ? point + String(rest).padStart(2, '0') : '')
}

export function money (kop) {
  return document.documentElement.lang === 'en' ? `UAH\u00a0${hryvnias(kop)}` : `${hryvnias(kop)}\u00a0грн`
}

function share (part, whole) {
  if (whole === 0n) return '–'
  // Rounded down, as the rule on the own share is: 24,99 % must not look like 25 %.
  const tenths = part * 1000n / whole
  const english = document.documentElement.lang === 'en'
  return `${tenths / 10n}${english ? '.' : ','}${tenths % 10n}${english ? '' : GROUP}%`
}

function read (input, parse) {
  return input ? parse(input.value) : 0n
}

function sumRow (row, totals) {
  const quantity = read(row.querySelector('[data-quantity]'), thousandths)
  const price = read(row.querySelector('[data-price]'), kopiykas)
  const known = quantity !== null && price !== null
  const whole = known ? cost(quantity, price) : 0n
  row.querySelectorAll('[data-cost]').forEach((node) => { node.textContent = known ? hryvnias(whole) : '–' })
  totals.cost = (totals.cost || 0n) + whole
  let sources = 0n
  row.querySelectorAll('[data-source]').forEach((input) => {
    const amount = kopiykas(input.value) ?? 0n
    sources += amount
    totals[input.dataset.source] = (totals[input.dataset.source] || 0n) + amount
  })
  const least = row.querySelector('[data-least]')
  const city = kopiykas(row.querySelector('[data-source="city"]')?.value || '') ?? 0n
  totals.least = (totals.least || 0n) + (least && least.value.trim() ? kopiykas(least.value) ?? city : city)
  const left = whole - sources
  row.querySelectorAll('[data-difference]').forEach((node) => {
    node.textContent = left === 0n ? '' : (node.dataset.words || '{sum}').replace('{sum}', hryvnias(left))
  })
}

function recount (budget) {
  const totals = {}
  budget.querySelectorAll('[data-budget-row]').forEach((row) => sumRow(row, totals))
  budget.querySelectorAll('[data-total]').forEach((node) => { node.textContent = hryvnias(totals[node.dataset.total] || 0n) })
  budget.querySelectorAll('[data-share]').forEach((node) => { node.textContent = share(totals[node.dataset.share] || 0n, totals.cost || 0n) })
}

// A button says what it does as the server reads it: «rows/2/up», «rows/add».
function verbOf (button) {
  return button.value.split('/').at(-1)
}

class Table {
  constructor (budget) {
    this.budget = budget
    this.status = budget.querySelector('[data-budget-status]')
    budget.addEventListener('input', () => recount(budget))
    budget.addEventListener('click', (event) => this.press(event))
    budget.addEventListener('paste', (event) => this.paste(event))
    this.refresh()
    recount(budget)
  }

  get rows () {
    return [...this.budget.querySelectorAll('[data-budget-row][id]')]
  }

  press (event) {
    const button = event.target.closest('button[name=row]')
    if (!button || !this.rows.length) return
    event.preventDefault()
    const row = button.closest('[data-budget-row]')
    this[verbOf(button)](row)
    this.refresh()
    recount(this.budget)
    this.budget.dispatchEvent(new Event('input', { bubbles: true }))
  }

  add () {
    const last = this.rows.at(-1)
    const row = last.cloneNode(true)
    empty(row)
    row.querySelectorAll('tr.has-error').forEach((node) => node.classList.remove('has-error'))
    row.querySelectorAll('tr.msg').forEach((node) => node.remove())
    row.querySelectorAll('details[open]').forEach((node) => node.removeAttribute('open'))
    last.after(row)
    row.querySelector('select, input')?.focus()
    this.say('added', this.rows.length)
  }

  remove (row) {
    const place = this.rows.indexOf(row)
    this.say('removed', place + 1)
    if (this.rows.length === 1) {
      empty(row)
      return row.querySelector('select, input')?.focus()
    }
    row.remove()
    this.rows[Math.max(place - 1, 0)].focus()
  }

  up (row) {
    this.move(row, this.rows[this.rows.indexOf(row) - 1], 'before', 'up')
  }

  down (row) {
    this.move(row, this.rows[this.rows.indexOf(row) + 1], 'after', 'down')
  }

  move (row, neighbour, where, name) {
    if (!neighbour) return
    neighbour[where](row)
    row.querySelector(`[data-row-${name}]`).focus()
    this.say('moved', this.rows.indexOf(row) + 1)
  }

  // A row has one number: in its names, in what screen readers say, in the sentences of the rules.
  refresh () {
    this.rows.forEach((row, place) => {
      renumber(row, 'rows', place)
      row.querySelectorAll('button[name=row]').forEach((button) => { button.value = `rows/${place}/${verbOf(button)}` })
      row.querySelectorAll('[data-row-label]').forEach((node) => node.setAttribute('aria-label', `${place + 1}: ${node.dataset.rowLabel}`))
      row.querySelectorAll('[data-row-name]').forEach((node) => { node.textContent = filled(node.dataset.rowName, { number: place + 1 }) })
    })
  }

  say (name, number) {
    if (this.status) this.status.textContent = filled(this.status.dataset[name], { number })
  }

  paste (event) {
    const form = document.querySelector('form[data-budget-paste]')
    const text = event.clipboardData?.getData('text/plain') || ''
    const isBlock = text.includes('\t') || (event.target.localName === 'input' && /\S\s*\n\s*\S/.test(text))
    if (!form || !isBlock) return
    event.preventDefault()
    form.querySelector('textarea').value = text
    form.hidden = false
    form.scrollIntoView({ block: 'center' })
    form.querySelector('button').focus()
  }
}

// What was typed goes to the server before the page is left for the preview.
function watchPaste (form) {
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    await saveAll()
    form.submit()
  })
}

export function start (root) {
  root.querySelectorAll('[data-budget]').forEach((budget) => {
    if (budget.dataset.budgetReady) return
    budget.dataset.budgetReady = 'yes'
    new Table(budget)
  })
  root.querySelectorAll('form[data-budget-paste]').forEach(watchPaste)
}
