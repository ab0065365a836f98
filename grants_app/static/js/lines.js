// Lines of the budget that an expert leaves, trims or strikes: what is left is counted along. The server counts again.
//
// Marks:  [data-lines] data-requested          the block, the request in kopiykas
//         [data-line] data-asked               a line; in it [data-line-left] (input), [data-line-strike], [data-line-why],
//                                              [data-line-said] data-trimmed="… {sum}" data-struck
//         [data-lines-left]                    the sum that is left
//         [data-lines-sum]                     the recommended sum: while lines are cut it follows from them
import { kopiykas, money, typable } from './budget.js'
import { filled } from './wording.js'

class Lines {
  constructor (block) {
    this.block = block
    this.form = block.closest('form')
    this.lines = [...block.querySelectorAll('[data-line]')]
    this.left = block.querySelector('[data-lines-left]')
    this.sum = this.form.querySelector('[data-lines-sum]')
    this.isOurs = this.sum?.readOnly
    for (const line of this.lines) this.prepare(line)
    block.addEventListener('input', () => this.count())
    this.count()
  }

  prepare (line) {
    const button = line.querySelector('[data-line-strike]')
    button.hidden = false
    button.addEventListener('click', () => {
      const input = line.querySelector('[data-line-left]')
      const isCut = this.cutOf(line) !== 0n
      input.value = isCut ? typable(BigInt(line.dataset.asked)) : '0'
      input.dispatchEvent(new Event('input', { bubbles: true }))
      if (!isCut) line.querySelector('[data-line-why] input').focus()
    })
  }

  cutOf (line) {
    const asked = BigInt(line.dataset.asked)
    const typed = line.querySelector('[data-line-left]').value
    const kop = typed.trim() === '' ? asked : kopiykas(typed)
    return kop === null || kop > asked ? null : asked - kop
  }

  count () {
    let cut = 0n
    for (const line of this.lines) {
      const own = this.cutOf(line)
      cut += own ?? 0n
      this.show(line, own)
    }
    const left = BigInt(this.block.dataset.requested) - cut
    this.left.textContent = money(left)
    this.follow(cut, left)
  }

  show (line, cut) {
    const said = line.querySelector('[data-line-said]')
    const isStruck = cut !== null && cut === BigInt(line.dataset.asked)
    said.textContent = cut ? (isStruck ? said.dataset.struck : filled(said.dataset.trimmed, { sum: money(cut) })) : ''
    line.classList.toggle('is-cut', !!cut)
    const why = line.querySelector('[data-line-why]')
    why.hidden = cut === 0n && why.querySelector('input').value === '' && !why.querySelector('.govuk-error-message')
    const button = line.querySelector('[data-line-strike]')
    button.textContent = cut === 0n ? button.dataset.strike : button.dataset.restore
  }

  // A sum that contradicts the lines would be refused, so while lines are cut nobody types one.
  follow (cut, left) {
    if (!this.sum) return
    if (cut) {
      const chosen = this.form.querySelector('[name=recommendation]:checked')
      const wanted = !chosen || chosen.value === 'partly' ? left : null
      // The same sum in other signs is left alone: nothing was changed by opening the page.
      if (wanted === null) this.sum.value = ''
      else if (!this.sum.value || kopiykas(this.sum.value) !== wanted) this.sum.value = typable(wanted)
      this.sum.readOnly = true
      this.isOurs = true
    } else if (this.isOurs) {
      this.sum.value = ''
      this.sum.readOnly = false
      this.isOurs = false
    }
  }
}

export function start (root) {
  root.querySelectorAll('[data-lines]').forEach((block) => {
    if (block.dataset.ready) return
    block.dataset.ready = 'yes'
    const lines = new Lines(block)
    block.closest('form').querySelectorAll('[name=recommendation]').forEach((radio) => radio.addEventListener('change', () => lines.count()))
  })
}
