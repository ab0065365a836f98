// One press is one act: a second press of the same form waits until the first is answered.
// The server's idempotency key is the guarantee; this only spares people the wait.
const REST_MS = 8000

export function start (root) {
  root.querySelectorAll('form[data-once]').forEach((form) => {
    if (form.dataset.onceReady) return
    form.dataset.onceReady = 'yes'
    form.addEventListener('submit', (event) => {
      if (form.dataset.sent) return event.preventDefault()
      form.dataset.sent = 'yes'
      setTimeout(() => delete form.dataset.sent, REST_MS)
    })
  })
  window.addEventListener('pageshow', () => document.querySelectorAll('form[data-sent]').forEach((form) => delete form.dataset.sent))
}
