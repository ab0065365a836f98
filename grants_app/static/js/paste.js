// Cleans what is pasted from word processors and sites: plain text with its paragraphs and list dashes stays.
import { unify } from './counter.js'

// Bullets as Word, Pages, Telegram and symbol fonts write them, at the beginning of a line.
const BULLET = /^[ \t]*[\u2022\u2023\u2043\u2219\u25aa\u25ab\u25cf\u25cb\u25e6\u25a0\u25a1\u00b7\u00a7\uf0a7\uf0b7\uf0d8\uf0fc][ \t]*/
const DASH = /^[ \t]*(?:[-*\u2013\u2014]|o(?=\t))[ \t]+/
const NUMBER = /^[ \t]*(\d{1,3})([.)])[ \t]+/

export function cleaned (text) {
  const lines = unify(text).replace(/[\u00a0\u2007\u202f]/g, ' ').split('\n').map(line)
  return lines.join('\n').replace(/\n{3,}/g, '\n\n').replace(/^\n+|\n+$/g, '')
}

function line (text) {
  const marked = text.replace(BULLET, '– ').replace(DASH, '– ').replace(NUMBER, '$1$2 ')
  return marked.replace(/[ \t]+/g, ' ').trim()
}

// Lists of a site reach the clipboard as text without their dashes: these are taken from its markup.
export function textOf (html) {
  const parsed = new DOMParser().parseFromString(html.replace(/ style=("[^"]*"|'[^']*')/gi, '').replace(/<style[\s\S]*?<\/style>/gi, ''), 'text/html')
  if (!parsed.querySelector('li')) return null
  const parts = []
  write(parsed.body, parts)
  return cleaned(parts.join(''))
}

const BLOCKS = new Set(['P', 'DIV', 'UL', 'OL', 'TABLE', 'TR', 'H1', 'H2', 'H3', 'H4', 'H5', 'H6', 'BLOCKQUOTE', 'SECTION', 'ARTICLE'])

const UNREAD = new Set(['SCRIPT', 'STYLE', 'TEMPLATE'])

function write (node, parts) {
  for (const child of node.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) parts.push(child.data.replace(/\s+/g, ' '))
    if (child.nodeType !== Node.ELEMENT_NODE || UNREAD.has(child.tagName)) continue
    if (child.tagName === 'BR') parts.push('\n')
    else if (child.tagName === 'LI') {
      parts.push('\n', mark(child))
      write(child, parts)
    } else if (BLOCKS.has(child.tagName) && !child.closest('li')) {
      parts.push('\n')
      write(child, parts)
      parts.push('\n')
    } else write(child, parts)
  }
}

function mark (item) {
  if (item.parentNode.tagName !== 'OL') return '– '
  return `${[...item.parentNode.children].filter((one) => one.tagName === 'LI').indexOf(item) + 1}. `
}

function put (control, text) {
  // Goes through the browser's own editing, so that it can be undone.
  control.focus()
  if (document.execCommand?.('insertText', false, text)) return
  control.setRangeText(text, control.selectionStart, control.selectionEnd, 'end')
  control.dispatchEvent(new Event('input', { bubbles: true }))
}

function take (event) {
  const control = event.target
  if (!(control instanceof HTMLTextAreaElement) || control.readOnly || !event.clipboardData) return
  const html = event.clipboardData.getData('text/html')
  const plain = event.clipboardData.getData('text/plain')
  const text = (html && textOf(html)) || cleaned(plain)
  if (!text || text === plain) return
  event.preventDefault()
  put(control, text)
}

export function start (root) {
  root.querySelectorAll('form[data-clean-paste]').forEach((form) => {
    if (form.dataset.pasteReady) return
    form.dataset.pasteReady = 'yes'
    form.addEventListener('paste', take)
  })
}
