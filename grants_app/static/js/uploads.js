// Several files at once: each is sent by itself, with its progress and what became of it, told by name.
//   form[data-uploads]   with input[type=file][multiple], [data-uploads-list], [data-uploads-status]
// Without this script the same form sends all files in one request.
import { renew, signInHere } from './session.js'

const AT_ONCE = 2

// A file dropped beside the place for it would open in the tab and take the page away.
function missTheMark (event) {
  if (!event.dataTransfer?.types.includes('Files') || event.target.closest?.('.govuk-drop-zone, input[type=file]')) return
  event.preventDefault()
  event.dataTransfer.dropEffect = 'none'
}

for (const name of ['dragover', 'drop']) window.addEventListener(name, missTheMark)

export function start (root) {
  root.querySelectorAll('form[data-uploads]').forEach((form) => {
    if (form.dataset.ready) return
    form.dataset.ready = 'yes'
    form.addEventListener('submit', (event) => {
      const field = form.querySelector('input[type=file]')
      if (!field.files.length) return
      event.preventDefault()
      event.stopImmediatePropagation()
      send(form, [...field.files])
      field.value = ''
      field.dispatchEvent(new Event('change', { bubbles: true }))
    }, { capture: true })
  })
}

async function send (form, files) {
  const rows = files.map((file) => row(form, file))
  const queue = [...rows]
  const worker = async () => { for (let one = queue.shift(); one; one = queue.shift()) await sendOne(form, one) }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  await showAttached()
  const done = rows.filter((one) => one.isDone).length
  form.querySelector('[data-uploads-status]').textContent = fill(form.dataset.allDone, { done, all: rows.length })
}

function row (form, file) {
  const list = form.querySelector('[data-uploads-list]')
  const item = document.createElement('li')
  const name = document.createElement('strong')
  const bar = document.createElement('progress')
  const words = document.createElement('span')
  name.textContent = file.name
  bar.max = 100
  bar.value = 0
  bar.setAttribute('aria-label', `${form.dataset.progress}: ${file.name}`)
  words.textContent = form.dataset.waiting
  item.append(name, bar, words)
  list.append(item)
  list.hidden = false
  return { file, item, bar, words, kind: form.elements.kind.value, isDone: false }
}

async function sendOne (form, one) {
  if (one.file.size > Number(form.dataset.limitMb) * 1024 * 1024) return fail(form, one, form.dataset.tooLarge, false)
  let answer = await post(form, one)
  if (answer.status === 401 || answer.status === 400) {
    const found = await renew()
    const isBack = found === 'same' || (found !== 'lost' && await signInHere(found))
    if (isBack) answer = await post(form, one)
  }
  const outcome = answer.said.outcomes?.[0]
  if (answer.status === 200 && outcome && !outcome.fault) return finish(form, one)
  fail(form, one, outcome?.fault || answer.said.message || form.dataset.failed, !outcome)
}

function post (form, one) {
  const body = new FormData()
  body.append('csrf_token', form.elements.csrf_token?.value || '')
  body.append('form_key', crypto.randomUUID?.() || String(Math.random()))
  body.append('kind', one.kind)
  body.append('file', one.file)
  return new Promise((resolve) => {
    const request = new XMLHttpRequest()
    request.open('POST', form.action)
    request.setRequestHeader('Accept', 'application/json')
    request.upload.addEventListener('progress', (event) => {
      if (!event.lengthComputable) return
      const percent = Math.floor(event.loaded * 100 / event.total)
      one.bar.value = percent
      one.words.textContent = percent < 100 ? fill(form.dataset.sending, { percent }) : form.dataset.checking
    })
    request.addEventListener('loadend', () => {
      let said = {}
      try { said = JSON.parse(request.responseText) } catch { said = {} }
      resolve({ status: request.status, said })
    })
    request.send(body)
  })
}

function finish (form, one) {
  one.isDone = true
  one.bar.value = 100
  one.words.textContent = form.dataset.done
}

function fail (form, one, message, mayRetry) {
  one.bar.hidden = true
  one.words.textContent = message
  one.words.className = 'govuk-error-message app-flush'
  if (!mayRetry) return
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'app-linkbutton app-linkbutton--page'
  button.textContent = `${form.dataset.retry}: ${one.file.name}`
  button.addEventListener('click', () => {
    one.item.remove()
    send(form, [one.file])
  })
  one.item.append(button)
}

// What is attached now, and what is still missing, as the server prints it.
async function showAttached () {
  const text = await fetch(location.pathname, { headers: { Accept: 'text/html' } }).then((answer) => answer.ok ? answer.text() : '').catch(() => '')
  if (!text) return
  const page = new DOMParser().parseFromString(text, 'text/html')
  for (const mark of ['[data-uploads-attached]', '[data-uploads-missing]']) {
    const fresh = page.querySelector(mark)
    const old = document.querySelector(mark)
    if (fresh && old) old.replaceWith(document.adoptNode(fresh))
  }
}

function fill (words, values) {
  return Object.entries(values).reduce((text, [name, value]) => text.replace(`{${name}}`, value), words)
}
