// The files of the console page: the one list of them, where they are read from, and the few that are made of them.
import { hash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { hashedName, joinModules } from './console-bundle.ts'

export interface ConsoleFile {
  /** As it is asked for; but of the page itself with a hash of the content. */
  name: string
  /** The same without a hash. */
  plainName: string
  type: string
  body: Buffer
  /** Of the content, so that all pods give the same. */
  etag: string
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}

export const pageName = 'index.html'
const iconName = 'icon.svg'
const styleNames = ['theme.css', 'page.css', 'operator.css', 'playground.css']
const entryName = 'app.js'

/** Only these are read. A test compares the list with the folder. */
export const consoleFileNames: readonly string[] = [
  pageName,
  iconName,
  ...styleNames,
  entryName,
  'answers.js',
  'api.js',
  'ask-form.js',
  'code-examples.js',
  'code-panel.js',
  'conversation.js',
  'element.js',
  'event-stream.js',
  'failure-words.js',
  'format.js',
  'generate.js',
  'models-table.js',
  'operator-view.js',
  'operator-words.js',
  'playground.js',
  'requests.js',
  'run-stats.js',
  'status-poll.js',
  'token.js',
  'traffic.js',
  'usage.js',
]

/**
 * Reads all files once, and makes four of them. A bundler moves this code but not the files: the folder `console` is copied
 * beside the bundle, and in the repository it is beside `routes`.
 * @throws when the folder or a file is missing: a gateway that is put together wrongly does not start
 */
export function readConsoleFiles(here: string = import.meta.dirname): ConsoleFile[] {
  const places = [join(here, 'console'), join(here, '..', 'console')]
  const folder = places.find((place) => existsSync(join(place, pageName)))
  if (!folder) throw new Error(`the files of the console are neither in ${places.join(' nor in ')}`)
  const sources = new Map(consoleFileNames.map((name) => [name, readFileSync(join(folder, name), 'utf8')]))
  const read = (name: string): string => sources.get(name) ?? ''
  const assets = [
    fileOf(entryName, joinModules(sources, entryName)),
    fileOf('style.css', styleNames.map(read).join('\n')),
    fileOf(iconName, read(iconName)),
  ]
  const page = assets.reduce(
    (text, { name, plainName }) => text.replaceAll(`"console/${plainName}"`, `"console/${name}"`),
    read(pageName),
  )
  return [{ ...fileOf(pageName, page), name: pageName }, ...assets]
}

function fileOf(plainName: string, text: string): ConsoleFile {
  const body = Buffer.from(text)
  const etag = `"${hash('sha256', body).slice(0, 32)}"`
  return { name: hashedName(plainName, body), plainName, type: types[extname(plainName)] ?? 'text/plain', body, etag }
}
