// The expert's sheet: a digit sets the scale that has the focus; the running total follows every mark.
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

class Sheet {
  constructor (sheet) {
    this.sheet = sheet
    this.criteria = [...sheet.querySelectorAll('[data-score-max]')]
    this.total = sheet.querySelector('[data-score-total]')
    this.possible = sheet.querySelector('[data-score-possible]')
    this.bar = sheet.querySelector('[data-score-bar]')
    this.said = sheet.querySelector('[data-score-said]')
    sheet.querySelectorAll('.app-score').forEach(typed)
    sheet.addEventListener('input', () => this.recount())
    sheet.addEventListener('change', () => this.recount())
  }

  recount () {
    let hundredths = 0
    let weights = 0
    let scored = 0
    for (const criterion of this.criteria) {
      const chosen = criterion.querySelector('.app-score input:checked')
      hitBand(criterion, chosen ? Number(chosen.value) : null)
      if (!chosen) continue
      const weight = Number(criterion.dataset.scoreWeight)
      const low = Number(criterion.dataset.scoreMin || 0)
      hundredths += Math.round((Number(chosen.value) - low) * 100 * weight / (Number(criterion.dataset.scoreMax) - low))
      weights += weight
      scored += 1
    }
    if (!this.total) return
    this.total.textContent = hundredths % 10 ? decimal(hundredths, 2) : decimal(hundredths / 10, 1)
    if (this.possible) this.possible.textContent = filled(counted(this.possible, 'of', scored), { points: weights })
    if (this.bar) this.bar.setAttribute('width', String(hundredths / 100))
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.say(), SAYING_MS)
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
