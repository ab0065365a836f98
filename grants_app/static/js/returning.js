// Copies of forms that no open page holds: once there is a network they are merged and sent; what the server refuses
// stays with its author as text to copy.
import { differing, isOwn, isSame, pairsOf, stored } from './answers.js'
import { textToCopy } from './clash.js'
import { forgetCopy, keptAnywhere, reread, rewrite } from './drafts.js'
import { renew } from './session.js'

const JSON_ANSWER = { Accept: 'application/json', 'X-Requested-With': 'fetch' }

// Answers changed on one side only are taken from that side; null when some were changed on both.
function merged (copy, theirs) {
  const values = { ...theirs }
  for (const name of differing(copy.values, copy.base)) {
    const isMoved = !isSame(theirs[name], copy.base[name]) && !isSame(theirs[name], copy.values[name]) && !isOwn(copy.lost, name, theirs)
    if (isMoved) return null
    values[name] = copy.values[name]
  }
  return copy.held?.length ? null : values
}

async function bringOne (copy) {
  if (copy.isSaved || copy.refusal) return copy.refusal ? 'refused' : 'saved'
  const answer = await fetch(copy.address, { headers: JSON_ANSWER, redirect: 'error' })
  const said = await answer.json().catch(() => ({}))
  if (answer.status === 403 || answer.status === 404) return refuse(copy, said.message)
  if (!answer.ok || !said.fields) return 'waits'
  const groups = groupsOf(copy)
  const theirs = stored(said.fields, groups)
  if (differing(copy.values, copy.base).every((name) => isSame(copy.values[name], theirs[name]))) {
    await forgetCopy(copy.id)
    return 'saved'
  }
  if (said.locked) return refuse(copy, said.locked)
  const values = merged(copy, theirs)
  return values ? post(copy, values, said.version) : 'clash'
}

function groupsOf (copy) {
  return Object.entries({ ...copy.base, ...copy.values }).filter(([, list]) => typeof list[0] === 'object').map(([name]) => name)
}

async function post (copy, values, version) {
  const body = new FormData()
  body.append('csrf_token', document.querySelector('input[name=csrf_token]')?.value || '')
  body.append('version', version)
  for (const [name, text] of pairsOf(values)) body.append(name, text)
  const answer = await fetch(copy.address, { method: 'POST', body, headers: JSON_ANSWER, redirect: 'error' })
  const said = await answer.json().catch(() => ({}))
  if (answer.status === 403 || answer.status === 404) return refuse(copy, said.message)
  if (!answer.ok) return answer.status === 409 ? 'clash' : 'waits'
  await forgetCopy(copy.id)
  return 'saved'
}

async function refuse (copy, message) {
  await rewrite(copy.id, { ...copy, refusal: message || 'refused' })
  return 'refused'
}

// Each copy that is still here, with what became of it.
export async function bringBack () {
  const copies = (await keptAnywhere()).filter((copy) => !document.querySelector(`form[data-autosave="${CSS.escape(copy.address)}"]`))
  if (copies.length === 0 || await renew() !== 'same') return copies
  const left = []
  for (const copy of copies) {
    const became = await bringOne(copy).catch(() => 'waits')
    if (became === 'refused') left.push({ ...await reread(copy), became })
    else if (became !== 'saved') left.push({ ...copy, became })
  }
  return left
}

function panelOf (copy, words) {
  if (copy.became === 'refused') {
    const text = (copy.texts || []).map(([title, lines]) => `${title}\n${lines}`).join('\n\n')
    const why = copy.refusal === 'refused' ? words.gone : copy.refusal
    return textToCopy(`${copy.title || copy.page}: ${why}`, words.copyHint, text, words.copyLabel, words.copied, () => forgetCopy(copy.id))
  }
  const panel = document.createElement('p')
  panel.className = 'app-note app-note--warn'
  const link = document.createElement('a')
  link.className = 'govuk-link'
  link.href = copy.page
  link.textContent = copy.title || copy.page
  panel.append(copy.became === 'clash' ? words.choose : words.waits, ' ', link)
  return panel
}

let running = null

export function start () {
  const tell = () => {
    running ||= bringBack().then((left) => {
      const list = document.querySelector('[data-leftovers]')
      if (list) list.replaceChildren(...left.filter((copy) => !copy.isSaved).map((copy) => panelOf(copy, list.dataset)))
    }).catch(() => null).finally(() => { running = null })
  }
  tell()
  window.addEventListener('online', tell)
}
