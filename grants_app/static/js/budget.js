// Live sums of a project budget in whole kopiykas. The server computes everything again; sums are never sent.
//
// Marks:  [data-budget]                              the form or table
//         tr[data-budget-row]                        a line; inside it
//           input[data-quantity], input[data-price]  up to three decimals; hryvnias
//           [data-cost]                              quantity × price, rounded half up (text is replaced)
//           input[data-source="city|own_cash|…"]     hryvnias by source
//           [data-difference]                        cost minus sources, shown when it is not zero; data-words="… {sum}"
//         [data-total="cost|city|…"]                 sum of the column
//         [data-share="city|…"]                      its share of the cost, one decimal, per cent
const GROUP = '\u00a0'

export function thousandths (text) {
  return scaled(text, 3)
}

export function kopiykas (text) {
  return scaled(text, 2)
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

export function start (root) {
  root.querySelectorAll('[data-budget]').forEach((budget) => {
    if (budget.dataset.budgetReady) return
    budget.dataset.budgetReady = 'yes'
    budget.addEventListener('input', () => recount(budget))
    recount(budget)
  })
}
