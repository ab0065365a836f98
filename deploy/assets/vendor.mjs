// Rebuilds grants_app/static/vendor from the packages named in package.json.
// Run by a developer after changing a version; the result is committed, so servers need no Node.
import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as sass from 'sass'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const modules = join(root, 'node_modules')
const target = join(root, 'grants_app', 'static', 'vendor')

const FILES = {
  'govuk-frontend.min.js': 'govuk-frontend/dist/govuk/govuk-frontend.min.js',
  'htmx.min.js': 'htmx.org/dist/htmx.min.js',
  'chart.umd.min.js': 'chart.js/dist/chart.umd.min.js',
  'accessible-autocomplete.min.js': 'accessible-autocomplete/dist/accessible-autocomplete.min.js',
  'accessible-autocomplete.min.css': 'accessible-autocomplete/dist/accessible-autocomplete.min.css',
  'golos-text-cyrillic-wght-normal.woff2': '@fontsource-variable/golos-text/files/golos-text-cyrillic-wght-normal.woff2',
  'golos-text-cyrillic-ext-wght-normal.woff2': '@fontsource-variable/golos-text/files/golos-text-cyrillic-ext-wght-normal.woff2',
  'golos-text-latin-wght-normal.woff2': '@fontsource-variable/golos-text/files/golos-text-latin-wght-normal.woff2',
  'golos-text-latin-ext-wght-normal.woff2': '@fontsource-variable/golos-text/files/golos-text-latin-ext-wght-normal.woff2',
  'DejaVuSans.ttf': 'dejavu-fonts-ttf/ttf/DejaVuSans.ttf',
  'DejaVuSans-Bold.ttf': 'dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf',
}
const LICENCES = {
  'govuk-frontend.txt': 'govuk-frontend',
  'htmx.txt': 'htmx.org',
  'chart.js.txt': 'chart.js',
  'accessible-autocomplete.txt': 'accessible-autocomplete',
  'golos-text.txt': '@fontsource-variable/golos-text',
  'dejavu.txt': 'dejavu-fonts-ttf',
}

// The crest and the crown belong to another government: no rule may point at them.
function withoutForeignMarks (css) {
  return css.replace(/\.govuk-footer__(copyright-logo|crown)[^{}]*\{[^{}]*\}/g, '').replace(/@media[^{}]*\{\s*\}/g, '')
}

// Source maps are not shipped, so a reference to one would only be a 404 in the developer tools.
function withoutSourceMap (text) {
  return text.replace(/\n?\/[/*]# sourceMappingURL=.*$/gm, '').trimEnd() + '\n'
}

function licenceOf (name) {
  const folder = join(modules, name)
  const version = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
  // govuk-frontend names its licence in package.json but packs no text of it.
  const path = file ? join(folder, file) : join(root, 'deploy', 'assets', `${name}.licence.txt`)
  return `${name} ${version}\n\n${readFileSync(path, 'utf8').trimEnd()}\n`
}

function everyFile (folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? everyFile(path) : [path]
  })
}

rmSync(target, { recursive: true, force: true })
mkdirSync(join(target, 'licences'), { recursive: true })

const compiled = sass.compile(join(root, 'deploy', 'assets', 'govuk.scss'), {
  style: 'compressed', loadPaths: [root], quietDeps: true, sourceMap: false,
})
writeFileSync(join(target, 'govuk-frontend.css'), withoutForeignMarks(compiled.css) + '\n')
for (const [name, source] of Object.entries(FILES)) {
  if (/\.(js|css)$/.test(name)) {
    writeFileSync(join(target, name), withoutSourceMap(readFileSync(join(modules, source), 'utf8')))
  } else {
    copyFileSync(join(modules, source), join(target, name))
  }
}
for (const [name, source] of Object.entries(LICENCES)) {
  writeFileSync(join(target, 'licences', name), licenceOf(source))
}

const manifest = {}
for (const path of everyFile(target).sort()) {
  manifest[relative(target, path).split(sep).join('/')] = createHash('sha256').update(readFileSync(path)).digest('hex')
}
writeFileSync(join(target, 'manifest.json'), JSON.stringify(manifest, null, 2) + '\n')
console.log(`${Object.keys(manifest).length} files in ${relative(root, target)}`)
