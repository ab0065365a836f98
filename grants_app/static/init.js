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
  const paths = Object.entries(PARTS).filter(([mark]) => root.querySelector(mark)).map(([, path]) => path)
  // All on their way at once, started in their order. One that cannot come, because the network went, must not keep
  // the others from working.
  const coming = paths.map((path) => import(path).catch((error) => console.warn(error)))
  for (const part of coming) (await part)?.start(root)
}

initAll()
forgetConfirmed()
// From here on everything on the page answers.
startOwnParts(document).then(() => { document.documentElement.dataset.started = 'yes' })
document.body.addEventListener('htmx:afterSettle', (event) => {
  initAll({ scope: event.target })
  startOwnParts(event.target)
})
