// A draft was deleted: what this browser had kept of it goes too.
//
// Mark:  [data-forget="/applications/<key>/"]
import { forgetCopy, keptAnywhere } from './drafts.js'

export function start (root) {
  root.querySelectorAll('[data-forget]').forEach(async (place) => {
    for (const copy of await keptAnywhere(true)) if (copy.address.startsWith(place.dataset.forget)) await forgetCopy(copy.id)
    place.dataset.forgotten = 'yes'
  })
}
