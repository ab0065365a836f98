// Five minutes before the session ends asks whether to go on; what was typed stays in the browser either way.
//   <dialog data-session-ends="600" data-stay="/session"> with a button [data-session-stay]: seconds left when the page was made
const WARN_S = 300

export function start (root) {
  root.querySelectorAll('dialog[data-session-ends]').forEach((dialog) => {
    if (dialog.dataset.ready) return
    dialog.dataset.ready = 'yes'
    const seconds = Number(dialog.dataset.sessionEnds)
    let timer
    const wait = () => {
      clearTimeout(timer)
      timer = setTimeout(() => dialog.showModal(), Math.max(seconds - WARN_S, 1) * 1000)
    }
    dialog.querySelector('[data-session-stay]').addEventListener('click', async () => {
      await fetch(dialog.dataset.stay, { headers: { 'X-Requested-With': 'fetch' } }).catch(() => null)
      dialog.close()
      wait()
    })
    wait()
  })
}
