// Who else has a page of this draft open: told by a small POST while the page is looked at; reading never writes.
//
// Mark:  [data-presence="<address>"] with data-page and data-csrf; its text is replaced by the server's sentence
const EVERY_MS = 20000

class Presence {
  constructor (place) {
    this.place = place
    this.tell()
    setInterval(() => this.tell(), EVERY_MS)
    document.addEventListener('visibilitychange', () => document.hidden ? this.send('') : this.tell())
    window.addEventListener('pagehide', () => this.send(''))
  }

  send (page) {
    if (!page && this.isAway) return Promise.resolve(null)
    this.isAway = !page
    const body = new FormData()
    const token = document.querySelector('form [name=csrf_token]')?.value || this.place.dataset.csrf
    body.append('csrf_token', token)
    body.append('page', page)
    return fetch(this.place.dataset.presence, { method: 'POST', body, keepalive: true, redirect: 'error', headers: { Accept: 'application/json', 'X-Requested-With': 'fetch' } })
  }

  async tell () {
    if (document.hidden) return
    const answer = await this.send(this.place.dataset.page).catch(() => null)
    const said = answer?.ok ? await answer.json().catch(() => null) : null
    if (said && this.place.textContent !== said.sentence) this.place.textContent = said.sentence
  }
}

export function start (root) {
  root.querySelectorAll('[data-presence]').forEach((place) => {
    if (place.dataset.presenceReady) return
    place.dataset.presenceReady = 'yes'
    new Presence(place)
  })
}
