// Copies of unsaved answers in this browser: one for each tab and form, encrypted, of the person signed in.
import * as vault from './vault.js'

const DRAFT = 'draft '
const TAB = 'tab'
const SENT = 'draft-sent'
const HANDOVER_MS = 500

export const person = document.querySelector('meta[name=person]')?.content || ''
const isUsable = vault.isUsable && person !== ''
const ready = isUsable ? vault.belongTo(person).catch(() => null) : Promise.resolve()

// A duplicated tab brings the name of its original along; the lock tells which of the two is the original.
const tabName = claimTab()

async function claimTab () {
  let name = read(TAB) || crypto.randomUUID?.() || String(Math.random())
  if (navigator.locks && !await held(name)) {
    name = crypto.randomUUID()
    await held(name)
  }
  write(TAB, name)
  return name
}

// The page that is being left may hold its lock a moment longer: only a lock that stays taken is another tab's.
function held (name) {
  return new Promise((resolve) => {
    navigator.locks.request('tab ' + name, { signal: AbortSignal.timeout(HANDOVER_MS) }, () => {
      resolve(true)
      return new Promise(() => {})
    }).catch(() => resolve(false))
  })
}

async function openTabs () {
  const locks = navigator.locks ? (await navigator.locks.query()).held : []
  return new Set(locks.map((lock) => lock.name.replace(/^tab /, '')))
}

function read (name) {
  try { return sessionStorage.getItem(name) } catch { return null }
}

function write (name, value) {
  try { sessionStorage.setItem(name, value) } catch { /* Then each load is a tab of its own. */ }
}

function idOf (address, tab) {
  return `${DRAFT}${address} ${tab}`
}

// Whether this browser holds the copy now; where it cannot, the page must say so.
export async function keep (address, copy) {
  if (!isUsable) return false
  try {
    await vault.put(person, idOf(address, await tabName), { ...copy, at: Date.now() })
    return true
  } catch {
    return false
  }
}

// Copies of that form in the order of their making; those of tabs that are open elsewhere stay with them.
export async function kept (address) {
  if (!isUsable) return []
  await ready
  try {
    const [own, open] = [await tabName, await openTabs()]
    const copies = await vault.list(person, idOf(address, ''))
    const found = copies.map(([id, copy]) => ({ ...copy, id, tab: id.slice(id.lastIndexOf(' ') + 1) }))
    return found.filter((copy) => copy.tab === own || !open.has(copy.tab)).sort((one, other) => one.at - other.at)
      .map((copy) => ({ ...copy, isOwn: copy.tab === own }))
  } catch {
    return []
  }
}

// Copies of all forms: those that no other open tab holds, or really all.
export async function keptAnywhere (isAll = false) {
  if (!isUsable) return []
  await ready
  const open = isAll ? new Set() : await openTabs().catch(() => new Set())
  open.delete(await tabName)
  const copies = await vault.list(person, DRAFT).catch(() => [])
  return copies.map(([id, copy]) => {
    const [, address, tab] = id.split(' ')
    return { id, address, tab, ...copy }
  }).filter((copy) => !open.has(copy.tab)).sort((one, other) => one.at - other.at)
}

export async function forget (address) {
  if (isUsable) await vault.drop(person, idOf(address, await tabName)).catch(() => null)
}

export async function forgetCopy (id) {
  if (isUsable) await vault.drop(person, id).catch(() => null)
}

export async function rewrite (id, copy) {
  await vault.put(person, id, copy).catch(() => null)
}

export async function reread (copy) {
  return { ...copy, ...await vault.get(person, copy.id) }
}

export async function isKeptOffline (path) {
  return isUsable && vault.has(person, 'page ' + path).catch(() => false)
}

export function markSent (address) {
  write(SENT, address)
}

// After a submission the server led on to another page: it has the text. The same form again proves nothing.
export function forgetConfirmed () {
  const address = read(SENT)
  if (!address) return
  sessionStorage.removeItem(SENT)
  const isHere = [...document.querySelectorAll('form[data-autosave]')].some((form) => form.dataset.autosave === address)
  if (!isHere && !document.documentElement.dataset.kept && !document.querySelector('.govuk-error-summary')) forget(address)
}
