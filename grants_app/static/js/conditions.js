// Shows and hides questions by earlier answers, live. The rule is data and is judged here as on the server, which
// decides: nothing is evaluated as code, and what is hidden here is not read there.
//
// Marks:  form[data-conditions='[{"code", "kind", "if", "value"}]']  questions in order; value: of those on other pages
//         [data-question="code"]                                    place of a conditional question (attribute data-unasked)
//         [data-conditions-status] with data-appeared, data-gone    what a screen reader hears
import { kopiykas } from './budget.js'
import { unify } from './counter.js'
import { filled } from './wording.js'

export function holds (tree, answers, shown) {
  if ('all' in tree) return tree.all.every((part) => holds(part, answers, shown))
  if ('any' in tree) return tree.any.some((part) => holds(part, answers, shown))
  if ('not' in tree) return !holds(tree.not, answers, shown)
  return test(tree, shown.has(tree.question) ? answers[tree.question] ?? null : null)
}

function isGiven (value) {
  return value !== null && value !== '' && value !== false && !(Array.isArray(value) && value.length === 0)
}

function test (leaf, value) {
  if ('answered' in leaf) return isGiven(value) === leaf.answered
  if ('at_least' in leaf || 'at_most' in leaf) {
    if (typeof value !== 'number') return false
    return 'at_least' in leaf ? value >= leaf.at_least : value <= leaf.at_most
  }
  const given = Array.isArray(value) ? value : [value]
  const wanted = leaf.one_of || [leaf.is]
  return given.some((one) => wanted.includes(one))
}

// Codes of the questions that are asked with these answers; what stands behind a hidden one is hidden too.
export function shownOf (questions, answers) {
  const shown = new Set()
  for (const question of questions) if (!question.if || holds(question.if, answers, shown)) shown.add(question.code)
  return shown
}

// What a control says, in the form in which answers are stored.
export function valueOf (kind, texts) {
  const first = unify(texts[0] || '').replace(/\s+/g, ' ').trim()
  if (kind === 'many') return texts
  if (kind === 'declaration') return texts.length > 0
  if (kind === 'rows') return texts.filter((text) => unify(text).trim())
  if (kind === 'number') return /^\d{1,12}$/.test(first) ? Number(first) : null
  if (kind === 'money') {
    const sum = first ? kopiykas(first) : null
    return sum === null ? null : Number(sum)
  }
  return first
}

class Conditions {
  constructor (form) {
    this.form = form
    this.questions = JSON.parse(form.dataset.conditions)
    this.status = form.querySelector('[data-conditions-status]')
    form.addEventListener('input', () => this.judge())
    form.addEventListener('change', () => this.judge())
    this.judge(true)
  }

  answers () {
    const sent = [...new FormData(this.form)].filter(([, text]) => typeof text === 'string')
    const found = {}
    for (const { code, kind, value } of this.questions) {
      const isOwn = ([name]) => name === code || (kind === 'rows' && name.startsWith(code + '-'))
      found[code] = value !== undefined ? value : valueOf(kind, sent.filter(isOwn).map(([, text]) => text))
    }
    return found
  }

  judge (isFirst = false) {
    const shown = shownOf(this.questions, this.answers())
    const moved = []
    for (const place of this.form.querySelectorAll('[data-question]')) {
      const isAsked = shown.has(place.dataset.question)
      if (isAsked !== 'unasked' in place.dataset) continue
      if (isAsked) delete place.dataset.unasked
      else place.dataset.unasked = ''
      moved.push([isAsked, place.dataset.label])
    }
    if (moved.length && !isFirst && this.status) this.status.textContent = moved.map(([isAsked, name]) => filled(isAsked ? this.status.dataset.appeared : this.status.dataset.gone, { name })).join(' ')
  }
}

export function start (root) {
  root.querySelectorAll('form[data-conditions]').forEach((form) => {
    if (form.dataset.conditionsReady) return
    form.dataset.conditionsReady = 'yes'
    new Conditions(form)
  })
}
