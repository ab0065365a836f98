// Sentences come from the server in every plural form of the language; here only the number is put in.
const language = document.documentElement.lang || 'uk'
const plurals = new Intl.PluralRules(language)
const figures = new Intl.NumberFormat(language, { useGrouping: true })

export function counted (node, name, number) {
  const form = { one: 'One', few: 'Few' }[plurals.select(number)] || 'Many'
  const sample = node.dataset[name + form] || node.dataset[name + 'Many'] || ''
  return sample.replace(/\d+/, figures.format(number))
}

export function filled (sentence, values) {
  return Object.entries(values).reduce((text, [name, value]) => text.replaceAll(`{${name}}`, value), sentence || '')
}

// The hour of the city, wherever the browser is: the server says it so, and one page must not have two times.
export function hour (at = Date.now()) {
  const shape = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }
  try {
    return new Date(at).toLocaleTimeString('uk', { ...shape, timeZone: 'Europe/Kyiv' })
  } catch { // a browser older than this name of the zone
    return new Date(at).toLocaleTimeString('uk', shape)
  }
}

export function decimal (scaled, digits) {
  // scaled: whole number of units of 10^-digits
  const sign = scaled < 0 ? '−' : ''
  const text = String(Math.abs(scaled)).padStart(digits + 1, '0')
  const point = language === 'en' ? '.' : ','
  return sign + text.slice(0, -digits) + point + text.slice(-digits)
}
