// A form that is opened again: what this browser had kept of it goes back in, merged with what is stored now.
import { answersOf, differing, isOwn, isSame } from './answers.js'
import { forget, forgetCopy, isKeptOffline, keep, kept } from './drafts.js'

export const isKeptPage = 'kept' in document.documentElement.dataset

export async function restore (autosave) {
  const before = autosave.base
  const status = performance.getEntriesByType('navigation')[0]?.responseStatus || 200
  autosave.isOffline = await isKeptOffline(location.pathname)
  const copies = await kept(autosave.key)
  const newest = copies.at(-1)
  const typed = differing(before, answersOf(autosave.form))
  if (status >= 400) await recall(autosave, before, status, newest)
  else if (isKeptPage && newest) renewKept(autosave, before, newest, typed)
  for (const copy of copies) bring(autosave, copy.values, copy.version === autosave.version ? autosave.base : copy.base, typed, copy)
  const isChanged = differing(answersOf(autosave.form), autosave.base).length > 0
  if (isChanged && newest && status < 400) autosave.show(autosave.words.restored, 'warn')
  if (autosave.held.size) autosave.show(autosave.words.clash, 'bad')
  if (isChanged) autosave.touch()
  const isSaved = !isChanged && autosave.held.size === 0
  if (newest && (!isSaved || isKeptPage)) await keep(autosave.key, { ...autosave.copy(), isSaved })
  else if (newest) await forget(autosave.key)
  // What closed tabs had kept is in the copy of this one now.
  for (const copy of copies) if (!copy.isOwn) forgetCopy(copy.id)
}

// After a refused submission the form shows what was typed, not what is stored: the server is asked.
async function recall (autosave, before, status, newest) {
  const state = await autosave.ask()
  if (!state) return
  const base = newest && newest.version !== state.version ? newest.base : state.values
  Object.assign(autosave, { base: state.values, version: state.version })
  if (status === 409 && !newest) for (const name of differing(before, state.values)) autosave.hold(name, state.values[name], state.values[name])
  else bring(autosave, before, base)
}

// A page kept for work without a network may be older than the last copy.
function renewKept (autosave, before, newest, typed) {
  Object.assign(autosave, { base: newest.base, version: newest.version })
  for (const name of differing(before, autosave.base)) if (!typed.includes(name)) autosave.adopt(name, autosave.base[name])
}

// What was written into a copy, and not stored, goes back into the form unless the stored answer moved as well.
function bring (autosave, values, base, typed = [], { held = [], lost = [] } = {}) {
  for (const name of differing(values, base)) {
    if (typed.includes(name)) continue
    const here = answersOf(autosave.form)[name]
    const isMoved = !isSame(autosave.base[name], base[name]) && !isSame(autosave.base[name], values[name]) && !isOwn(lost, name, autosave.base)
    const isOther = !isSame(here, autosave.base[name]) && !isSame(here, values[name])
    if (isOther) autosave.hold(name, values[name], autosave.base[name])
    else autosave.adopt(name, values[name])
    if (isMoved) autosave.hold(name, autosave.base[name], autosave.base[name])
  }
  for (const [name, theirs] of held) if (!isSame(values[name], theirs)) autosave.hold(name, theirs, autosave.base[name])
}
