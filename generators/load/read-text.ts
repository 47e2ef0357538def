// Reads one source file as text, and refuses what cannot be one: too large, not UTF-8, empty, a link out of the repository.
import { lstatSync, readFileSync, realpathSync, type Stats, statSync } from 'node:fs'
import { join, sep } from 'node:path'
import { diagnose, startOf } from '../diagnostics/diagnose.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { Failure } from '../diagnostics/failure.ts'

export const largestBytes = 1024 * 1024

const decoder = new TextDecoder('utf-8', { fatal: true })

/** The text without a byte order mark, or the reason why there is none. `path` is relative to `root`. */
export function readText(root: string, path: string): string | Diagnostic {
  const full = join(root, path)
  let bytes: Buffer
  try {
    const stats = statsInside(root, full)
    if (stats === undefined) {
      return diagnose(
        'FILE_OUTSIDE_REPOSITORY',
        startOf(path),
        `${path} is a link that leaves the repository`,
        'put the file itself here',
      )
    }
    if (!stats.isFile()) {
      return diagnose('FILE_UNEXPECTED', startOf(path), `${path} is not a file`, 'put a file here, or remove it')
    }
    if (stats.size > largestBytes) {
      return diagnose(
        'FILE_TOO_LARGE',
        startOf(path),
        `${path} has ${stats.size} bytes, the limit is ${largestBytes}`,
        'a source file is a few lines; is this the right file?',
      )
    }
    bytes = readFileSync(full)
  } catch (error) {
    throw new Failure(`cannot read ${path}`, { cause: error })
  }
  return decode(bytes, path)
}

/** Undefined for a link whose target is not below the root; a link without target counts as one. */
function statsInside(root: string, full: string): Stats | undefined {
  const own = lstatSync(full)
  if (!own.isSymbolicLink()) return own
  const target = statSync(full, { throwIfNoEntry: false })
  return target !== undefined && realpathSync(full).startsWith(realpathSync(root) + sep) ? target : undefined
}

function decode(bytes: Buffer, path: string): string | Diagnostic {
  let text: string
  try {
    text = decoder.decode(bytes)
  } catch {
    return diagnose(
      'FILE_ENCODING',
      { file: path, line: firstInvalidLine(bytes), column: 1 },
      `${path} is not UTF-8 text`,
      'save it as UTF-8',
    )
  }
  if (text.includes('\u0000'))
    return diagnose(
      'FILE_ENCODING',
      startOf(path),
      `${path} holds NUL bytes, so it is not UTF-8 text`,
      'save it as UTF-8',
    )
  if (text.trim() === '')
    return diagnose('FILE_EMPTY', startOf(path), `${path} is empty`, 'write the file, or remove it')
  return text
}

/** Decodes line by line; only for the message of a file that is refused. */
function firstInvalidLine(bytes: Buffer): number {
  let line = 1
  let start = 0
  for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
    try {
      decoder.decode(bytes.subarray(start, end))
    } catch {
      return line
    }
    start = end + 1
    line += 1
  }
  return line
}
