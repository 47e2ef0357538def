// Which files beside sources and rendered ones say something else than before: comments, white space and types do not count.
import { transformSync } from 'esbuild'
import type { CodeChange } from '../review/risks/file-risks.ts'

/** Texts of files that are there, by path. */
type Read = (paths: readonly string[]) => Map<string, string>

export interface CodeStates {
  before: Read
  after: Read
  lineOf: (path: string) => number
}

export function codeChanges(paths: readonly string[], { before, after, lineOf }: CodeStates): CodeChange[] {
  const [old, fresh] = [before(paths), after(paths)]
  return paths.flatMap((path) => {
    const [was, is] = [old.get(path), fresh.get(path)].map((text) => text && meaningOf(path, text))
    if (was === is) return []
    return [
      { path, ...(was !== undefined && { before: was }), ...(is !== undefined && { after: is }), line: lineOf(path) },
    ]
  })
}

const loaders = { ts: 'ts', mts: 'ts', js: 'js', mjs: 'js', css: 'css' } as const

/** Without what no program sees; as it is where nobody knows how. */
function meaningOf(path: string, text: string): string {
  const ending = path.slice(path.lastIndexOf('.') + 1)
  const loader = Object.hasOwn(loaders, ending) ? loaders[ending as keyof typeof loaders] : undefined
  if (loader === undefined) return path.endsWith('Dockerfile') ? text.replace(/^\s*#.*\n/gm, '') : text
  try {
    return transformSync(text, {
      loader,
      minifyWhitespace: true,
      minifySyntax: true,
      legalComments: 'none',
      logLevel: 'silent',
    }).code
  } catch {
    return text
  }
}
