// The expert's sheet: a digit sets the scale that has the focus; the running total and what is missing follow every mark.
// Sums are exact fractions, as on the server, and are rounded once, when they are shown.
import { counted, decimal, filled } from './wording.js'

const TYPING_MS = 900
const SAYING_MS = 2000

function typed (scale) {
  let text = ''
  let last = 0
  scale.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || !/^[0-9.,]$/.test(event.key)) return
    text = event.timeStamp - last > TYPING_MS ? event.key : text + event.key
    last = event.timeStamp
    const wanted = text.replace(',', '.')
    const radios = [...scale.querySelectorAll('input[type=radio]')]
    const exact = radios.find((radio) => radio.value === wanted) || radios.find((radio) => Number(radio.value) === Number(wanted))
    if (!exact) return
    event.preventDefault()
    exact.checked = true
    exact.focus()
    exact.dispatchEvent(new Event('input', { bubbles: true }))
  })
}

function hitBand (criterion, mark) {
  criterion.querySelectorAll('[data-score-low]').forEach((band) => {
    band.classList.toggle('is-hit', mark !== null && Number(band.dataset.scoreLow) <= mark && mark <= Number(band.dataset.scoreHigh))
  })
}

// «7.5», «7,5» or «100/7» as a fraction; null for anything else.
export function fraction (text) {
  const plain = text.replace(/[\s\u00a0\u202f]/g, '').replace(',', '.')
  const ratio = /^(\d+)\/([1-9]\d*)$/.exec(plain)
  if (ratio) return [BigInt(ratio[1]), BigInt(ratio[2])]
  const number = /^(-?\d+)(?:\.(\d+))?$/.exec(plain)
  return number ? [BigInt(number[1] + (number[2] || '')), 10n ** BigInt((number[2] || '').length)] : null
}

export function part (mark, low, high, worth) {
  const given = mark[0] * low[1] - low[0] * mark[1]
  const whole = high[0] * low[1] - low[0] * high[1]
  return [worth[0] * given * high[1], worth[1] * whole * mark[1]]
}

export function add (left, right) {
  return [left[0] * right[1] + right[0] * left[1], left[1] * right[1]]
}

// «64.0», or «64.25» where one place would hide something; half away from zero.
export function shown ([over, under]) {
  const hundredths = (2n * over * 100n + under) / (2n * under)
  return over * 10n % under === 0n ? decimal(Number(hundredths / 10n), 1) : decimal(Number(hundredths), 2)
}

function plain ([over, under]) {
  const hundredths = Number((2n * over * 100n + under) / (2n * under))
  return decimal(hundredths, 2).replace(/[.,]?0+$/, '')
}

class Sheet {
  constructor (sheet) {
    this.sheet = sheet
    this.criteria = [...sheet.querySelectorAll('[data-score-max]')]
    this.total = sheet.querySelector('[data-score-total]')
    this.possible = sheet.querySelector('[data-score-possible]')
    this.bar = sheet.querySelector('[data-score-bar]')
    this.said = sheet.querySelector('[data-score-said]')
    this.left = sheet.querySelector('[data-score-left]')
    this.missing = sheet.querySelector('[data-score-missing]')
    sheet.querySelectorAll('.app-score').forEach(typed)
    sheet.addEventListener('input', () => this.recount())
    sheet.addEventListener('change', () => this.recount())
  }

  control (criterion) {
    return criterion.querySelector('.app-score input') || criterion.querySelector('input[name^="points_"]')
  }

  mark (criterion) {
    const chosen = criterion.querySelector('.app-score input:checked') || criterion.querySelector('input[type=text][name^="points_"]')
    return chosen && chosen.value.trim() ? fraction(chosen.value) : null
  }

  recount () {
    let sum = [0n, 1n]
    let weights = [0n, 1n]
    let scored = 0
    for (const criterion of this.criteria) {
      const mark = this.mark(criterion)
      hitBand(criterion, mark && Number(mark[0]) / Number(mark[1]))
      this.tell(criterion, mark === null)
      if (!mark) continue
      const worth = fraction(criterion.dataset.scoreWeight)
      sum = add(sum, part(mark, fraction(criterion.dataset.scoreMin || '0'), fraction(criterion.dataset.scoreMax), worth))
      weights = add(weights, worth)
      scored += 1
    }
    this.count(this.criteria.length - scored)
    if (!this.total) return
    this.total.textContent = shown(sum)
    document.querySelectorAll('[data-score-echo]').forEach((echo) => { echo.textContent = this.total.textContent })
    if (this.possible) this.possible.textContent = filled(counted(this.possible, 'of', scored), { points: plain(weights) })
    if (this.bar) this.bar.setAttribute('width', String(Math.max(0, Number(sum[0] * 1000n / sum[1]) / 1000)))
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.say(), SAYING_MS)
  }

  tell (criterion, isMissing) {
    const name = this.control(criterion)?.name
    const link = this.missing && name && this.missing.querySelector(`[data-missing-of="${CSS.escape(name)}"]`)
    if (link) link.hidden = !isMissing
  }

  count (left) {
    const text = this.left && (left ? counted(this.left, 'left', left) : this.left.dataset.leftNone)
    if (this.left) this.left.textContent = text
    if (this.missing) this.missing.hidden = left === 0
    document.querySelectorAll('[data-left-echo]').forEach((echo) => { echo.textContent = left ? text : '' })
  }

  say () {
    if (this.said) this.said.textContent = `${this.total.textContent} ${this.possible ? this.possible.textContent : ''}`
  }
}

export function start (root) {
  root.querySelectorAll('[data-score-sheet]').forEach((sheet) => {
    if (sheet.dataset.scoreReady) return
    sheet.dataset.scoreReady = 'yes'
    new Sheet(sheet).recount()
  })
}
