// Long lists become a field with suggestions; without this script the plain list remains.
let isLoaded = null

function styles () {
  const link = document.createElement('link')
  link.rel = 'stylesheet'
  link.href = new URL('../vendor/accessible-autocomplete.min.css', import.meta.url).href
  document.head.append(link)
}

export async function start (root) {
  if (!isLoaded) {
    styles()
    isLoaded = import('../vendor/accessible-autocomplete.min.js')
  }
  await isLoaded
  root.querySelectorAll('select[data-autocomplete]').forEach((select) => {
    if (select.dataset.ready) return
    select.dataset.ready = 'yes'
    const { found, none, hint, chosen } = select.dataset
    globalThis.accessibleAutocomplete.enhanceSelectElement({
      selectElement: select,
      defaultValue: select.selectedOptions[0]?.value ? undefined : '',
      preserveNullOptions: false,
      tNoResults: () => none || '–',
      tStatusQueryTooShort: () => hint || '',
      tStatusNoResults: () => none || '',
      tStatusSelectedOption: (option) => `${chosen || ''} ${option}`.trim(),
      tStatusResults: (length) => `${found || ''} ${length}`.trim(),
      tAssistiveHint: () => hint || '',
    })
  })
}
