// Lists the source files of the repository by what they are, and reports files that are where none belongs.
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { diagnose, startOf } from '../diagnostics/diagnose.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { Failure } from '../diagnostics/failure.ts'

/** Names of the entries of a folder in code-unit order, which no locale changes; empty when it is not there. */
function names(root: string, folder: string): string[] {
  try {
    return readdirSync(join(root, folder)).sort()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw new Failure(`cannot list ${folder}`, { cause: error })
  }
}

/** People keep notes and editors their settings beside sources. */
const isIgnored = (name: string): boolean => name.startsWith('.') || name === 'README.md'

/** Names (without ending) of the `.yaml` files of a folder; other endings are reported unless `others` takes them. */
export function listYaml(root: string, folder: string, others: (name: string) => boolean = () => false) {
  const found: string[] = []
  const diagnostics: Diagnostic[] = []
  for (const name of names(root, folder)) {
    if (isIgnored(name) || others(name)) continue
    if (name.endsWith('.yaml')) found.push(name.slice(0, -'.yaml'.length))
    else diagnostics.push(unexpected(`${folder}/${name}`, name))
  }
  return { found, diagnostics }
}

function unexpected(path: string, name: string): Diagnostic {
  const hint = name.endsWith('.yml')
    ? `rename it to ${name.slice(0, -'.yml'.length)}.yaml`
    : 'move it elsewhere, or give it the ending .yaml'
  return diagnose('FILE_UNEXPECTED', startOf(path), `${path} is no source file that synth reads`, hint)
}

/** Folders of clusters/ that hold more than leftovers; files beside them are reported but for README.md. */
export function listClusters(root: string): string[] {
  return names(root, 'clusters').filter(
    (name) => !isIgnored(name) && statSync(join(root, 'clusters', name), { throwIfNoEntry: false })?.isDirectory(),
  )
}

export const isThere = (root: string, path: string): boolean =>
  statSync(join(root, path), { throwIfNoEntry: false }) !== undefined
