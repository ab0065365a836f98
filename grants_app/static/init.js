// Starts the ready-made parts, then each own part only where its mark stands on the page.
import { forgetConfirmed } from './js/drafts.js'
import { initAll } from './vendor/govuk-frontend.min.js'

const PARTS = {
  '[data-counter-max]': './js/counter.js',
  '[data-budget]': './js/budget.js',
  '[data-score-sheet]': './js/score.js',
  '[data-lines]': './js/lines.js',
  '[data-marker]': './js/evidence.js',
  'form[data-review-sheet]': './js/keys.js',
  '[data-rows]': './js/rows.js',
  'form[data-conditions]': './js/conditions.js',
  'form[data-clean-paste]': './js/paste.js',
  'canvas[data-chart]': './js/charts.js',
  'dialog[data-session-ends]': './js/session.js',
  'select[data-autocomplete]': './js/choose.js',
  'form[data-uploads]': './js/uploads.js',
  'form[data-pages]': './js/pages.js',
  'form[data-once]': './js/once.js',
  // After the parts whose rows and totals it fills.
  'form[data-autosave]': './js/autosave.js',
  'dialog[data-leaving]': './js/leaving.js',
  '[data-presence]': './js/presence.js',
  '[data-forget]': './js/forgetting.js',
  '[data-kept-banner], [data-kept-pages]': './js/offline.js',
}

async function startOwnParts (root) {
  for (const [mark, path] of Object.entries(PARTS)) {
    if (!root.querySelector(mark)) continue
    // A part that cannot come, because the network went, must not keep the others from working.
    await import(path).then((part) => part.start(root), (error) => console.warn(error))
  }
}

initAll()
forgetConfirmed()
startOwnParts(document)
document.body.addEventListener('htmx:afterSettle', (event) => {
  initAll({ scope: event.target })
  startOwnParts(event.target)
})
