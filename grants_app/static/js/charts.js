// Draws the charts with the page's own colours; the table beside each holds the same numbers.
let isLoaded = null

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

function settings (spec, paint) {
  const lying = spec.kind === 'bar'
  const figures = new Intl.NumberFormat(document.documentElement.lang || 'uk')
  const values = { stacked: spec.stacked, beginAtZero: true, grid: { color: paint.line }, ticks: { color: paint.quiet, callback: (value) => figures.format(value) } }
  const names = { stacked: spec.stacked, grid: { display: false }, ticks: { color: paint.text, autoSkip: false } }
  return {
    type: spec.kind === 'line' ? 'line' : 'bar',
    data: {
      labels: spec.labels,
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

function draw (canvas) {
  const spec = JSON.parse(canvas.dataset.chart)
  const Chart = globalThis.Chart
  Chart.defaults.font.family = '"Golos Text", sans-serif'
  Chart.defaults.font.size = 13
  Chart.getChart(canvas)?.destroy()
  new Chart(canvas, settings(spec, colours()))
}

export async function start (root) {
  isLoaded ||= import('../vendor/chart.umd.min.js')
  await isLoaded
  const all = [...root.querySelectorAll('canvas[data-chart]')]
  all.forEach(draw)
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => all.forEach(draw))
}
