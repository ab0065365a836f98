// Signing out destroys what this browser keeps, so that unsaved text is sent first; if it cannot be, the person decides.
import { keptAnywhere } from './drafts.js'
import { bringBack } from './returning.js'
import { destroy } from './vault.js'

async function unsaved () {
  if (document.querySelector('form[data-autosave]')) await (await import('./autosave.js')).saveAll()
  await bringBack()
  return (await keptAnywhere(true)).filter((copy) => !copy.isSaved)
}

function ask (dialog, copies) {
  const texts = copies.map((copy) => copy.title || copy.page || copy.address)
  dialog.querySelector('[data-leaving-list]').replaceChildren(...[...new Set(texts)].map((text) => {
    const line = document.createElement('li')
    line.textContent = text
    return line
  }))
  return new Promise((resolve) => {
    dialog.querySelector('[data-leaving-go]').onclick = () => { dialog.close(); resolve(true) }
    dialog.querySelector('[data-leaving-stay]').onclick = () => dialog.close()
    dialog.onclose = () => resolve(false)
    dialog.showModal()
  })
}

export function start (root) {
  const form = root.querySelector('form[action="/sign-out"]')
  const dialog = root.querySelector('dialog[data-leaving]')
  if (!form || !dialog || form.dataset.leavingReady) return
  form.dataset.leavingReady = 'yes'
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    const copies = await unsaved().catch(() => [])
    if (copies.length && !await ask(dialog, copies)) return
    await destroy().catch(() => null)
    navigator.serviceWorker?.controller?.postMessage('signed-out')
    form.submit()
  })
}
