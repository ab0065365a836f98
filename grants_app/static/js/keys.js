// Keys of the review sheet. Single keys can be switched off and never work while somebody types or a dialog is open.
//
// Marks:  form[data-review-sheet]; fieldset[data-criterion-number]; a[data-key-prev], a[data-key-next] (applications)
//         dialog[data-keys] with [data-keys-switch] and [data-keys-close]; [data-keys-opener] around [data-keys-open]
const STORE = 'review-keys'

function isTyping (target) {
  return !!target.closest('textarea, select, [contenteditable], input:not([type=radio]):not([type=checkbox])')
}

// Letters by their place on the keyboard, so that they work in the Ukrainian layout too.
function nameOf (event) {
  const byPlace = { KeyJ: 'j', KeyK: 'k', KeyE: 'e', BracketLeft: '[', BracketRight: ']' }[event.code]
  if (event.key === '?' || (event.code === 'Slash' && event.shiftKey)) return '?'
  if (/^[0-9]$/.test(event.key)) return event.key
  return /^[jke[\]]$/.test(event.key) ? event.key : byPlace
}

class Keys {
  constructor (form) {
    this.form = form
    this.dialog = document.querySelector('dialog[data-keys]')
    this.switch = this.dialog.querySelector('[data-keys-switch]')
    this.switch.checked = this.isOn
    this.switch.addEventListener('change', () => this.remember(this.switch.checked))
    this.dialog.querySelector('[data-keys-close]').addEventListener('click', () => this.dialog.close())
    document.querySelectorAll('[data-keys-opener]').forEach((place) => { place.hidden = false })
    document.querySelectorAll('[data-keys-open]').forEach((button) => button.addEventListener('click', () => this.dialog.showModal()))
    document.addEventListener('keydown', (event) => this.press(event))
  }

  get isOn () {
    try {
      return localStorage.getItem(STORE) !== 'off'
    } catch {
      return true
    }
  }

  remember (isOn) {
    try {
      localStorage.setItem(STORE, isOn ? 'on' : 'off')
    } catch {
      // Without the store the choice holds for this page.
    }
  }

  press (event) {
    if (document.querySelector('dialog[open]')) return
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) return this.finish(event)
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return
    if (!this.switch.checked || isTyping(event.target)) return
    const name = nameOf(event)
    if (name && this.act(name, event)) event.preventDefault()
  }

  act (name, event) {
    if (name === 'j' || name === 'k') return this.step(name === 'j' ? 1 : -1)
    if (name === '?') return this.dialog.showModal() || true
    if (name === '[' || name === ']') return this.follow(name === '[' ? '[data-key-prev]' : '[data-key-next]')
    if (name === 'e') return this.evidence()
    return !event.target.closest('.app-score') && this.tell('review:attach', name)
  }

  // True where somebody took the event up.
  tell (name, detail) {
    return !document.dispatchEvent(new CustomEvent(name, { detail, cancelable: true }))
  }

  evidence () {
    if (this.tell('review:marker')) return true
    const criterion = document.activeElement.closest('[data-criterion-number]')
    const button = criterion && criterion.querySelector('[value^="evidence-"]')
    if (button) button.click()
    return !!button
  }

  step (by) {
    const criteria = [...this.form.querySelectorAll('[data-criterion-number]')]
    const now = criteria.indexOf(document.activeElement.closest('[data-criterion-number]'))
    const next = criteria[now < 0 ? (by > 0 ? 0 : criteria.length - 1) : Math.min(Math.max(now + by, 0), criteria.length - 1)]
    const control = next.querySelector('.app-score input:checked') || next.querySelector('.app-score input, input, textarea')
    control.focus({ preventScroll: true })
    next.scrollIntoView({ block: 'center' })
    return true
  }

  follow (mark) {
    const link = document.querySelector(mark)
    if (link) link.click()
    return !!link
  }

  finish (event) {
    const button = this.form.querySelector('button[name=then][value=finish]')
    if (!button) return
    event.preventDefault()
    this.form.requestSubmit(button)
  }
}

export function start (root) {
  root.querySelectorAll('form[data-review-sheet]').forEach((form) => {
    if (form.dataset.keysReady) return
    form.dataset.keysReady = 'yes'
    new Keys(form)
  })
}
