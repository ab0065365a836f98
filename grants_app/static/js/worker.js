// The service worker: it is there only for people who asked to work without a network. Pages come from the network as
// long as it answers; without it, from the encrypted store, for the person whose key lies there. SHELL and VERSION are
// put before this text by the server.
/* global SHELL, VERSION */
import { drop, get, has, holder, put } from '/static/js/vault.js'

const CACHE = 'shell-' + VERSION
const PATIENCE_MS = 8000
const OFFLINE = { uk: '/offline?lang=uk', en: '/offline?lang=en' }

self.addEventListener('install', (event) => {
  // Without cookies: what lies in the cache is nobody's page.
  const fresh = (address) => new Request(address, { cache: 'reload', credentials: 'omit' })
  const addresses = [...SHELL, ...Object.values(OFFLINE)]
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(addresses.map(fresh))).then(() => self.skipWaiting()))
})

self.addEventListener('activate', (event) => {
  const outdated = async () => {
    for (const name of await caches.keys()) if (name !== CACHE) await caches.delete(name)
    await self.clients.claim()
  }
  event.waitUntil(outdated())
})

self.addEventListener('message', (event) => {
  if (event.data === 'signed-out') event.waitUntil(caches.keys().then((names) => Promise.all(names.map((name) => caches.delete(name)))))
})

self.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== self.location.origin) return
  if (url.pathname.startsWith('/static/')) event.respondWith(asset(request))
  else if (request.mode === 'navigate') event.respondWith(page(event, url))
})

async function asset (request) {
  try {
    return await fetch(request)
  } catch (error) {
    const found = await caches.match(request, { ignoreSearch: true })
    if (found) return found
    throw error
  }
}

async function page (event, url) {
  const person = await holder().catch(() => '')
  const id = 'page ' + url.pathname
  const isKept = person !== '' && await has(person, id).catch(() => false)
  try {
    const answer = await (isKept ? Promise.race([fetch(event.request), impatience()]) : fetch(event.request))
    if (isKept && answer.ok) event.waitUntil(renew(person, id, answer.clone()))
    // What is not open any more is not kept any longer.
    if (isKept && [403, 404].includes(answer.status)) await drop(person, id)
    if (isKept && answer.status >= 500) throw new Error(String(answer.status))
    return answer
  } catch (error) {
    return await kept(person, id) || await nothing(person) || Promise.reject(error)
  }
}

function impatience () {
  return new Promise((resolve, reject) => { setTimeout(() => reject(new Error('no answer')), PATIENCE_MS) })
}

// A kept page that was just seen is kept as it was seen.
async function renew (person, id, answer) {
  const html = await answer.text()
  if (!html.includes(`<meta name="person" content="${person}"`)) return
  const headers = [...answer.headers].filter(([name]) => ['content-type', 'content-security-policy'].includes(name))
  await put(person, id, { html, headers, at: Date.now() }).catch(() => null)
}

async function kept (person, id) {
  const found = person && await get(person, id).catch(() => null)
  if (!found) return null
  return new Response(found.html.replace('<html ', `<html data-kept="${found.at}" `), { headers: found.headers })
}

async function nothing (person) {
  const note = person && await get(person, 'kept').catch(() => null)
  return caches.match(OFFLINE[note?.lang] || OFFLINE.uk)
}
