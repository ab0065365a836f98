// Work without a network: the pages that a person asked to keep, and what to say on a page that was kept.
//   [data-keep="/reviews/offline"]   the card with its buttons, shown when it can work
//   [data-kept-pages]                the list on the page of no network
import { person } from './drafts.js'
import { renew } from './session.js'
import { start as bringBack } from './returning.js'
import * as vault from './vault.js'
import { counted, filled, hour } from './wording.js'

const PAGE = 'page '
const NOTE = 'kept'
const LIST = '/reviews/offline.json'
const JSON_ANSWER = { Accept: 'application/json', 'X-Requested-With': 'fetch' }

async function keepPage (address) {
  const answer = await fetch(address, { headers: { Accept: 'text/html' } })
  // A page that led elsewhere, or was refused, is not the page that the list allows.
  if (!answer.ok || answer.redirected) return false
  const headers = [...answer.headers].filter(([name]) => ['content-type', 'content-security-policy'].includes(name))
  const html = await answer.text()
  if (!html.includes(`<meta name="person" content="${person}"`)) return false
  await vault.put(person, PAGE + address, { html, headers, at: Date.now() })
  return true
}

async function keptAddresses () {
  return (await vault.list(person, PAGE)).map(([id]) => id.slice(PAGE.length))
}

// What the server no longer lists goes: the assignment has ended, or the sheet is finished.
async function removeOthers (allowed) {
  for (const address of await keptAddresses()) if (!allowed.has(address)) await vault.drop(person, PAGE + address)
}

function allowedOf (said) {
  return new Set([said.queue, ...said.applications.map((one) => one.page)])
}

class Card {
  constructor (card) {
    this.card = card
    this.status = card.querySelector('[data-keep-status]')
    this.keepButton = card.querySelector('[data-keep-now]')
    this.removeButton = card.querySelector('[data-keep-remove]')
    this.keepButton.addEventListener('click', () => this.keep())
    this.removeButton.addEventListener('click', () => this.remove())
  }

  async show () {
    const note = await vault.get(person, NOTE).catch(() => null)
    this.removeButton.hidden = !note
    if (!note) return this.say('')
    this.say(filled(counted(this.status, 'kept', note.count), { time: hour(note.at) }))
  }

  say (text, isBad = false) {
    this.status.textContent = text
    this.status.classList.toggle('app-saved--bad', isBad)
  }

  async keep () {
    if (this.isBusy) return
    this.isBusy = true
    this.say(this.card.dataset.keeping)
    try {
      await navigator.serviceWorker.register('/service-worker.js', { type: 'module' })
      await navigator.serviceWorker.ready
      await this.fetchAll()
      await this.show()
    } catch {
      this.say(this.card.dataset.failed, true)
    }
    this.isBusy = false
  }

  async fetchAll () {
    if (await renew() !== 'same') throw new Error('session')
    const body = new URLSearchParams({ csrf_token: document.querySelector('input[name=csrf_token]').value })
    const answer = await fetch(this.card.dataset.keep, { method: 'POST', headers: JSON_ANSWER, body, redirect: 'error' })
    if (!answer.ok) throw new Error(String(answer.status))
    const said = await answer.json()
    await removeOthers(allowedOf(said))
    let count = 0
    for (const one of said.applications) count += await keepPage(one.page) ? 1 : 0
    await keepPage(said.queue)
    const pages = said.applications.map((one) => [one.page, one.title])
    await vault.put(person, NOTE, { at: Date.now(), count, pages: [[said.queue, said.title], ...pages], lang: document.documentElement.lang })
  }

  async remove () {
    await vault.dropAll(person, PAGE)
    await vault.drop(person, NOTE)
    const worker = await navigator.serviceWorker.getRegistration('/')
    await worker?.unregister()
    for (const name of await caches.keys()) await caches.delete(name)
    await this.show()
    this.say(this.card.dataset.removed)
    this.keepButton.focus()
  }
}

// With every page that comes from the network the list is asked again: nothing stays that is not open any more.
async function refresh () {
  const note = await vault.get(person, NOTE)
  if (!note || 'kept' in document.documentElement.dataset) return
  const answer = await fetch(LIST, { headers: JSON_ANSWER, redirect: 'error' })
  if (answer.status === 403) return vault.dropAll(person, PAGE)
  if (!answer.ok) return
  const said = await answer.json()
  await removeOthers(allowedOf(said))
  const here = new Set(await keptAddresses())
  await vault.put(person, NOTE, { ...note, count: said.applications.filter((one) => here.has(one.page)).length })
}

// The page of no network: what can be opened all the same.
async function listKept (place) {
  const owner = await vault.holder()
  const note = owner && await vault.get(owner, NOTE)
  const here = new Set((note ? await vault.list(owner, PAGE) : []).map(([id]) => id.slice(PAGE.length)))
  for (const [page, title] of note?.pages || []) {
    if (!here.has(page)) continue
    const line = document.createElement('li')
    line.append(Object.assign(document.createElement('a'), { href: page, textContent: title, className: 'govuk-link' }))
    place.querySelector('ul').append(line)
    place.hidden = false
  }
}

export function start (root) {
  const banner = root.querySelector('[data-kept-banner]')
  const at = document.documentElement.dataset.kept
  if (banner && at) {
    banner.textContent = filled(banner.dataset.keptBanner, { time: hour(Number(at)) })
    banner.hidden = false
  }
  const place = root.querySelector('[data-kept-pages]')
  if (place && vault.isUsable) listKept(place).catch(() => null)
  if (!person || !vault.isUsable) return
  bringBack()
  const card = root.querySelector('[data-keep]')
  const shown = card && navigator.serviceWorker ? new Card(card) : null
  if (shown) card.hidden = false
  refresh().catch(() => null).then(() => shown?.show())
}
