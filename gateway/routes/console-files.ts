// The files of the console page: the one list of them, their types, and where they are read from.
import { hash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'

export interface ConsoleFile {
  name: string
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

/** Only these are sent. A test compares the list with the folder. */
export const consoleFileNames: readonly string[] = [
  pageName,
  'answers.js',
  'api.js',
  'app.js',
  'ask-form.js',
  'code-examples.js',
  'code-panel.js',
  'conversation.js',
  'element.js',
  'event-stream.js',
  'failure-words.js',
  'format.js',
  'generate.js',
  'icon.svg',
  'models-table.js',
  'page.css',
  'playground.css',
  'playground.js',
  'requests.js',
  'run-stats.js',
  'status-poll.js',
  'theme.css',
  'token.js',
  'traffic.js',
  'usage.js',
]

/**
 * Reads all files once. A bundler moves this code but not the files: the folder `console` is copied beside the bundle,
 * and in the repository it is beside `routes`.
 * @throws when the folder or a file is missing: a gateway that is put together wrongly does not start
 */
export function readConsoleFiles(here: string = import.meta.dirname): ConsoleFile[] {
  const places = [join(here, 'console'), join(here, '..', 'console')]
  const folder = places.find((place) => existsSync(join(place, pageName)))
  if (!folder) throw new Error(`the files of the console are neither in ${places.join(' nor in ')}`)
  return consoleFileNames.map((name) => {
    const body = readFileSync(join(folder, name))
    return { name, type: types[extname(name)] ?? 'text/plain', body, etag: `"${hash('sha256', body).slice(0, 32)}"` }
  })
}
