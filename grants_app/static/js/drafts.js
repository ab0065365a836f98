// Copies of unsaved answers in this browser: one entry per form, there only while the server lacks the text.
const PREFIX = 'draft:'
const SENT = 'draft-sent'

export function keep (key, version, values) {
  try {
    localStorage.setItem(PREFIX + key, JSON.stringify({ version, values, at: Date.now() }))
  } catch {
    // A full or forbidden store must not stop the typing: the server copy remains.
  }
}

export function kept (key) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + key))
  } catch {
    return null
  }
}

export function forget (key) {
  try {
    localStorage.removeItem(PREFIX + key)
  } catch {
    // Nothing was kept then.
  }
}

export function markSent (key) {
  try {
    sessionStorage.setItem(SENT, key)
  } catch {
    // Without the mark the copy is offered once more, which loses nothing.
  }
}

// On the page after a submission: no refused form of that key stands here, so the server has the text.
export function forgetConfirmed () {
  let key
  try {
    key = sessionStorage.getItem(SENT)
    sessionStorage.removeItem(SENT)
  } catch {
    return
  }
  if (key && !document.querySelector('.govuk-error-summary')) forget(key)
}
