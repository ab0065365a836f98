// Photographed pages before they are joined: a list whose order is changed by buttons; the field «order» is filled in.
//   form[data-pages]   with input[type=file][name=photos], [data-pages-list], [data-pages-status], input[name=order]
export function start (root) {
  root.querySelectorAll('form[data-pages]').forEach((form) => {
    if (form.dataset.ready) return
    form.dataset.ready = 'yes'
    // By its kind: the ready-made drop zone gives a button the name that the field had.
    const field = form.querySelector('input[type=file]')
    const gather = () => draw(form, [...field.files].map((file, index) => ({ name: file.name, number: index + 1 })))
    field.addEventListener('change', gather)
    // Chosen while this script was still on its way.
    if (field.files.length) gather()
  })
}

function draw (form, pages) {
  const list = form.querySelector('[data-pages-list]')
  list.hidden = pages.length < 2
  list.replaceChildren(...pages.map((page, place) => {
    const item = document.createElement('li')
    const name = document.createElement('span')
    name.textContent = `${page.name} `
    item.append(name, button(form, pages, place, -1), ' ', button(form, pages, place, 1))
    return item
  }))
  const isMoved = pages.some((page, place) => page.number !== place + 1)
  form.elements.order.value = isMoved ? pages.map((page) => page.number).join(', ') : ''
}

function button (form, pages, place, step) {
  const made = document.createElement('button')
  made.type = 'button'
  made.className = 'app-linkbutton app-linkbutton--page'
  made.disabled = !pages[place + step]
  made.textContent = step < 0 ? form.dataset.up : form.dataset.down
  const about = document.createElement('span')
  about.className = 'govuk-visually-hidden'
  about.textContent = `: ${pages[place].name}`
  made.append(about)
  made.addEventListener('click', () => {
    const moved = pages[place];
    [pages[place], pages[place + step]] = [pages[place + step], moved]
    draw(form, pages)
    form.querySelector('[data-pages-status]').textContent = form.dataset.moved.replace('{name}', moved.name).replace('{number}', place + step + 1)
    const buttons = form.querySelectorAll(`[data-pages-list] li:nth-child(${place + step + 1}) button`)
    const same = buttons[step < 0 ? 0 : 1]
    ;(same.disabled ? buttons[step < 0 ? 1 : 0] : same).focus()
  })
  return made
}
