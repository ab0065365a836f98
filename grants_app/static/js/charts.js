// Draws the charts with the page's own colours; the table beside each holds the same numbers.
let isLoaded = null
const MOST_SIGNS = 20

function colours () {
  const style = getComputedStyle(document.documentElement)
  const colour = (name) => style.getPropertyValue(name).trim()
  return {
    text: colour('--govuk-text-colour'),
    quiet: colour('--govuk-secondary-text-colour'),
    line: colour('--app-line'),
    series: [1, 2, 3, 4, 5].map((number) => colour(`--app-chart-${number}`)),
  }
}

// A long name goes on in the next line, else the chart cuts off how it begins.
function inLines (name) {
  return name.split(' ').reduce((lines, word) => {
    const longer = `${lines.at(-1)} ${word}`
    return longer.length > MOST_SIGNS ? [...lines, word] : [...lines.slice(0, -1), longer]
  }, ['']).map((line) => line.trim()).filter(Boolean)
}

function settings (spec, paint) {
  const lying = spec.kind === 'bar'
  const figures = new Intl.NumberFormat(document.documentElement.lang || 'uk')
  // Where things are counted there is no half of one on the axis.
  const precision = spec.series.every((one) => one.values.every(Number.isInteger)) ? 0 : undefined
  const values = { stacked: spec.stacked, beginAtZero: true, grid: { color: paint.line }, ticks: { color: paint.quiet, precision, callback: (value) => figures.format(value) } }
  const names = { stacked: spec.stacked, grid: { display: false }, ticks: { color: paint.text, autoSkip: false } }
  return {
    type: spec.kind === 'line' ? 'line' : 'bar',
    data: {
      labels: lying ? spec.labels.map(inLines) : spec.labels,
      datasets: spec.series.slice(0, 5).map((one, place) => ({
        label: one.label, data: one.values, backgroundColor: paint.series[place], borderColor: paint.series[place],
        borderWidth: spec.kind === 'line' ? 2.5 : 0, borderRadius: 2, maxBarThickness: 22,
      })),
    },
    options: {
      indexAxis: lying ? 'y' : 'x',
      animation: false,
      responsive: true,
      maintainAspectRatio: false,
      font: { family: '"Golos Text", sans-serif' },
      plugins: {
        legend: { display: spec.series.length > 1, labels: { color: paint.text } },
        tooltip: { callbacks: { label: (item) => ` ${item.dataset.label}: ${figures.format(item.raw)} ${spec.unit}`.trimEnd() } },
      },
      scales: lying ? { x: values, y: names } : { x: names, y: values },
    },
  }
}

// A box lies in three layers: a thin bar from the least to the greatest, a thick one of the middle half, the median on top.
function boxSettings (spec, paint) {
  const figures = new Intl.NumberFormat(document.documentElement.lang || 'uk')
  const { range, box, median } = spec.words
  const ends = (from, to) => spec.boxes.map((one) => [one[from], one[to]])
  const bar = (label, data, colour, thickness, order) => ({
    type: 'bar', label, data, order, grouped: false, barThickness: thickness, backgroundColor: colour, borderSkipped: false,
    borderColor: colour, borderWidth: 0, minBarLength: 2,
  })
  const shown = (item) => Array.isArray(item.raw) ? item.raw.map((one) => figures.format(one)).join('–') : figures.format(item.raw)
  return {
    type: 'bar',
    data: {
      labels: spec.labels,
      datasets: [
        {
          type: 'line', label: median, data: spec.boxes.map((one) => one[2]), order: 0, showLine: false, pointStyle: 'rectRot',
          pointRadius: 6, pointHoverRadius: 7, pointBackgroundColor: paint.series[1], pointBorderColor: paint.text,
          borderColor: paint.series[1], backgroundColor: paint.series[1],
        },
        bar(box, ends(1, 3), paint.series[2], 14, 1),
        bar(range, ends(0, 4), paint.series[0], 3, 2),
      ],
    },
    options: {
      indexAxis: 'y', animation: false, responsive: true, maintainAspectRatio: false,
      plugins: {
        legend: { labels: { color: paint.text, usePointStyle: true } },
        tooltip: { callbacks: { label: (item) => ` ${item.dataset.label}: ${shown(item)} ${spec.unit}`.trimEnd() } },
      },
      scales: {
        x: { grid: { color: paint.line }, ticks: { color: paint.quiet, callback: (value) => figures.format(value) } },
        y: { grid: { display: false }, ticks: { color: paint.text, autoSkip: false } },
      },
    },
  }
}

function draw (canvas) {
  const spec = JSON.parse(canvas.dataset.chart)
  const Chart = globalThis.Chart
  Chart.defaults.font.family = '"Golos Text", sans-serif'
  Chart.defaults.font.size = 13
  Chart.getChart(canvas)?.destroy()
  new Chart(canvas, (spec.kind === 'box' ? boxSettings : settings)(spec, colours()))
}

export async function start (root) {
  isLoaded ||= import('../vendor/chart.umd.min.js')
  await isLoaded
  const all = [...root.querySelectorAll('canvas[data-chart]')]
  all.forEach(draw)
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => all.forEach(draw))
}
