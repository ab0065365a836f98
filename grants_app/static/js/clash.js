// Both texts of an answer that was changed in two places, side by side; the person chooses, nothing is overwritten.
import { isText, placeOf, shown, titleOf } from './answers.js'
import { filled } from './wording.js'

function element (name, className, text) {
  const made = document.createElement(name)
  if (className) made.className = className
  if (text) made.textContent = text
  return made
}

export function button (label, act, isMain = false) {
  const made = element('button', `govuk-button${isMain ? '' : ' govuk-button--secondary'} app-flush`, label)
  made.type = 'button'
  made.addEventListener('click', act)
  return made
}

function side (title, text, empty) {
  const made = element('div')
  made.append(element('h3', '', title), element('p', 'app-pre app-flush', text || empty))
  return made
}

export class Clash {
  // choose('mine' | 'theirs' | 'both') is called once, after the panel has gone.
  constructor (form, name, words, choose) {
    this.form = form
    this.name = name
    this.words = words
    this.choose = choose
    this.panel = element('section', 'app-note app-note--bad app-clash')
    this.panel.setAttribute('aria-label', this.title)
    placeOf(form, name).before(this.panel)
    form.addEventListener('input', () => this.showMine())
  }

  get title () {
    return filled(this.words.clashTitle, { name: titleOf(this.form, this.name) })
  }

  show (mine, theirs) {
    this.mine = element('div')
    const sides = element('div', 'app-grid app-grid--2')
    sides.append(this.mine, side(this.words.theirs, shown(this.form, this.name, theirs), this.words.empty))
    const actions = element('p', 'app-actions app-buttons')
    actions.append(button(this.words.keepMine, () => this.end('mine')), button(this.words.keepTheirs, () => this.end('theirs')))
    if (isText(this.form, this.name)) actions.append(button(this.words.keepBoth, () => this.end('both')))
    this.panel.replaceChildren(element('h2', '', this.title), sides, actions)
    this.showMine(mine)
  }

  // The person may go on writing beside the other text.
  showMine (values) {
    if (!this.mine?.isConnected) return
    const now = values || [...new FormData(this.form)].filter(([name]) => name === this.name).map(([, text]) => text)
    if (!values && now.length === 0) return
    this.mine.replaceChildren(...side(this.words.mine, shown(this.form, this.name, now), this.words.empty).childNodes)
  }

  end (choice) {
    this.close()
    this.choose(choice)
  }

  close () {
    this.panel.remove()
  }
}

// What the server will not take any more stays with its author as text to copy.
export function textToCopy (message, sentence, text, label, done, act) {
  const panel = element('section', 'app-note app-note--bad')
  panel.append(element('h2', '', message), element('p', '', sentence))
  const box = element('textarea', 'govuk-textarea')
  box.readOnly = true
  box.rows = 8
  box.value = text
  box.setAttribute('aria-label', label)
  panel.append(box, button(done, () => { panel.remove(); act() }))
  return panel
}
