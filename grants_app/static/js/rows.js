// Adds, moves and removes rows of a repeated group, by keyboard too; focus goes where the work goes on. Without this script people fill the blank rows that the page brings.
import { start as count } from './counter.js'
import { filled } from './wording.js'

function renumbered (text, prefix, from, to) {
  const old = `${prefix}-${from}`
  return text.split(' ').map((part) => part === old || part.startsWith(old + '-') ? `${prefix}-${to}` + part.slice(old.length) : part).join(' ')
}

export function renumber (row, prefix, to) {
  const from = row.id.slice(prefix.length + 1)
  for (const node of [row, ...row.querySelectorAll('*')]) {
    for (const name of ['id', 'name', 'for', 'aria-describedby', 'aria-labelledby', 'aria-controls']) {
      if (node.hasAttribute(name)) node.setAttribute(name, renumbered(node.getAttribute(name), prefix, from, to))
    }
  }
}

export function empty (row) {
  row.querySelectorAll('input, textarea, select').forEach((control) => {
    if (control.type === 'radio' || control.type === 'checkbox') control.checked = false
    else control.value = ''
    if (control.matches('select') && control.selectedIndex < 0) control.selectedIndex = 0 // a choice without an empty one
    control.classList.remove('govuk-input--error', 'govuk-textarea--error', 'govuk-select--error')
    control.removeAttribute('aria-invalid')
    control.classList.remove('app-beyond-limit')
    delete control.dataset.counted
  })
  row.classList.remove('has-error')
  row.querySelectorAll('[data-cost], [data-difference]').forEach((node) => { node.textContent = '' })
  row.querySelectorAll('.govuk-error-message, .app-beyond').forEach((node) => node.remove())
  row.querySelectorAll('.govuk-form-group--error').forEach((node) => node.classList.remove('govuk-form-group--error'))
}

// In tables the sentences about a row stand in a row of their own below it.
function messageOf (row) {
  const next = row.nextElementSibling
  return next && next.matches('tr.msg') ? next : null
}

class Rows {
  constructor (group) {
    this.group = group
    this.prefix = group.dataset.rows
    this.least = Number(group.dataset.rowsMin || 0)
    this.most = Number(group.dataset.rowsMax || 1000)
    this.addButton = group.querySelector('[data-rows-add]')
    this.status = group.querySelector('[data-rows-status]')
    this.addButton.hidden = false
    this.addButton.addEventListener('click', (event) => {
      event.preventDefault()
      this.add()
    })
    group.addEventListener('click', (event) => {
      const button = event.target.closest('[data-row-remove], [data-row-up], [data-row-down]')
      if (!button) return
      event.preventDefault()
      const row = button.closest('[data-row]')
      if ('rowRemove' in button.dataset) this.remove(row)
      else this.move(row, 'rowUp' in button.dataset ? -1 : 1)
    })
    this.refresh()
  }

  get rows () {
    return [...this.group.querySelectorAll('[data-row]')]
  }

  add () {
    const rows = this.rows
    if (rows.length >= this.most || rows.length === 0) return
    const last = rows[rows.length - 1]
    const next = Math.max(...rows.map((row) => Number(row.id.slice(this.prefix.length + 1)))) + 1
    const row = last.cloneNode(true)
    renumber(row, this.prefix, next)
    empty(row)
    ;(messageOf(last) || last).after(row)
    this.refresh()
    count(row)
    row.querySelector('input:not([type=hidden]), textarea, select')?.focus()
    this.say(this.group.dataset.added, this.rows.length)
    row.dispatchEvent(new Event('input', { bubbles: true }))
  }

  remove (row) {
    const rows = this.rows
    const place = rows.indexOf(row)
    if (rows.length <= Math.max(this.least, 1)) {
      empty(row)
      row.querySelector('input:not([type=hidden]), textarea, select')?.focus()
    } else {
      messageOf(row)?.remove()
      row.remove()
      const near = this.rows[Math.max(place - 1, 0)]
      this.refresh()
      near.focus()
    }
    this.say(this.group.dataset.removed, place + 1)
    this.group.dispatchEvent(new Event('input', { bubbles: true }))
  }

  // The two rows change places and numbers, so that a page without this script sends the same order.
  move (row, by) {
    const rows = this.rows
    const place = rows.indexOf(row)
    const other = rows[place + by]
    if (!other) return
    const [own, theirs] = [row, other].map((one) => one.id.slice(this.prefix.length + 1))
    renumber(row, this.prefix, 'moving')
    renumber(other, this.prefix, own)
    renumber(row, this.prefix, theirs)
    if (by < 0) other.before(row)
    else other.after(row)
    this.refresh()
    const button = row.querySelector(by < 0 ? '[data-row-up]' : '[data-row-down]')
    ;(button.disabled ? row : button).focus()
    this.say(this.group.dataset.moved, place + by + 1)
    row.dispatchEvent(new Event('input', { bubbles: true }))
  }

  refresh () {
    const rows = this.rows
    rows.forEach((row, place) => {
      row.querySelectorAll('[data-row-up], [data-row-down]').forEach((button) => {
        button.hidden = rows.length < 2
        button.disabled = place === ('rowUp' in button.dataset ? 0 : rows.length - 1)
      })
      row.querySelectorAll('[data-row-name]').forEach((node) => { node.textContent = filled(this.group.dataset.rowWord, { number: place + 1 }) })
      row.querySelectorAll('[data-row-label]').forEach((node) => node.setAttribute('aria-label', filled(node.dataset.rowLabel, { number: place + 1 })))
      row.querySelector('[data-row-remove]').hidden = false
    })
    this.addButton.hidden = rows.length >= this.most
    const several = this.group.parentElement.parentElement.querySelector(`[data-rows-several="${this.prefix}"]`)
    if (several) several.hidden = rows.length < 2
  }

  say (sentence, number) {
    this.status.textContent = filled(sentence, { number })
  }
}

export function start (root) {
  root.querySelectorAll('[data-rows]').forEach((group) => {
    if (group.dataset.rowsReady) return
    group.dataset.rowsReady = 'yes'
    new Rows(group)
  })
}
