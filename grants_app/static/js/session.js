// The session of an open page: a question five minutes before its end, and signing in again without leaving the page.
//   dialog[data-session-ends="43200"]   seconds from the last contact; a button [data-session-stay]
//   dialog[data-session-over]           e-mail (fixed) and password; data-ended, data-other: why it stands there
const ADDRESS = '/session'
const WARN_S = 300
const person = document.querySelector('meta[name=person]')?.content || ''
const channel = 'BroadcastChannel' in globalThis ? new BroadcastChannel('session') : null
const part = (name) => document.querySelector(`dialog[data-session-${name}]`)
let timer
let waiting = null

// Any answer to a signed-in request prolongs the session, in every tab of this browser.
export function seen (isFromHere = true) {
  const dialog = part('ends')
  if (!dialog) return
  clearTimeout(timer)
  if (dialog.open && !isFromHere) dialog.close()
  timer = setTimeout(() => warn(dialog), Math.max(Number(dialog.dataset.sessionEnds) - WARN_S, 1) * 1000)
  if (isFromHere) channel?.postMessage('seen')
}

function warn (dialog) {
  if (!dialog.open && !part('over')?.open) dialog.showModal()
}

function take (state) {
  document.querySelectorAll('input[name=csrf_token]').forEach((field) => { field.value = state.csrf_token })
  seen()
}

// 'same': go on, the tokens are fresh; 'out': nobody is signed in; 'other': somebody else is; 'lost': no answer.
export async function renew () {
  const state = await fetch(ADDRESS, { headers: { Accept: 'application/json' } }).then((answer) => answer.ok ? answer.json() : null).catch(() => null)
  if (!state) return 'lost'
  if (state.person === person) take(state)
  return state.person === person ? 'same' : state.person ? 'other' : 'out'
}

// Resolves true once the same person has signed in again, false when the dialog was put aside.
export function signInHere (reason) {
  const dialog = part('over')
  if (!dialog) return Promise.resolve(false)
  waiting ||= new Promise((resolve) => open(dialog, reason, resolve)).finally(() => { waiting = null })
  return waiting
}

function open (dialog, reason, resolve) {
  const form = dialog.querySelector('form')
  const main = document.getElementById('main')
  const error = dialog.querySelector('[data-session-error]')
  dialog.querySelector('[data-session-why]').textContent = reason === 'other' ? dialog.dataset.other : dialog.dataset.ended
  error.hidden = true
  // Whoever else sits here now must not read what the first person wrote.
  main.hidden = reason === 'other'
  part('ends')?.close()
  const onSubmit = async (event) => {
    event.preventDefault()
    const said = await signIn(form)
    if (!said.person) return fail(form, error, said)
    take(said)
    main.hidden = false
    dialog.close('in')
  }
  form.addEventListener('submit', onSubmit)
  dialog.addEventListener('close', () => {
    form.removeEventListener('submit', onSubmit)
    form.reset()
    form.querySelector('[data-session-code]').hidden = true
    resolve(dialog.returnValue === 'in')
    dialog.returnValue = ''
  }, { once: true })
  dialog.showModal()
  form.elements.password.focus()
}

// A right password may still need a code: then the password stays and the code is asked for.
function fail (form, error, said) {
  error.textContent = said.message || form.closest('dialog').dataset.failed
  error.hidden = false
  form.querySelector('[data-session-code]').hidden = !said.needs_code
  const field = said.needs_code ? form.elements.code : form.elements.password
  field.value = ''
  field.focus()
}

async function signIn (form) {
  try {
    const headers = { Accept: 'application/json' }
    const state = await (await fetch(ADDRESS, { headers })).json()
    // Another tab of this browser may have signed in meanwhile.
    if (state.person === person) return state
    const body = new URLSearchParams({ email: form.elements.email.value, password: form.elements.password.value, code: form.elements.code.value, csrf_token: state.csrf_token })
    return await (await fetch(ADDRESS, { method: 'POST', headers, body })).json()
  } catch {
    return {}
  }
}

export function start (root) {
  root.querySelectorAll('dialog[data-session-ends]').forEach((dialog) => {
    if (dialog.dataset.ready) return
    dialog.dataset.ready = 'yes'
    dialog.querySelector('[data-session-stay]').addEventListener('click', async () => {
      const found = await renew()
      dialog.close()
      if (found === 'out' || found === 'other') signInHere(found)
    })
    if (channel) channel.onmessage = () => seen(false)
    seen()
  })
}
