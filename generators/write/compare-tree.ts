// Compares what synth rendered with what is in the repository. Reads only; nothing is changed here.
import { type Dirent, lstatSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { diagnose, startOf } from '../diagnostics/diagnose.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { Failure } from '../diagnostics/failure.ts'
import { isGenerated, type RenderedFile } from './rendered-file.ts'

/** Ending of a file that is being written; one that is left over comes from an interrupted run. */
export const temporaryEnding = '.slipway-tmp'

/** Which folders the rendered files cover completely: every other file in them is stale or foreign. */
export interface Scope {
  /** Relative to the root; a file below one of them that was not rendered is stale. */
  folders: readonly string[]
}

export interface Comparison {
  changed: { file: RenderedFile; before: string | undefined }[]
  stale: string[]
  unchanged: number
  diagnostics: Diagnostic[]
}

export function compareTree(root: string, files: readonly RenderedFile[], scope: Scope): Comparison {
  const present = new Set<string>()
  for (const folder of scope.folders) {
    if (isLink(join(root, folder))) present.add(folder)
    else listFiles(root, folder, present)
  }
  const changed: Comparison['changed'] = []
  const rendered = new Set<string>()
  for (const file of files) {
    rendered.add(file.path)
    const known = present.has(file.path) || !scope.folders.some((folder) => file.path.startsWith(`${folder}/`))
    const before = known ? readIfThere(join(root, file.path)) : undefined
    if (before !== file.text) changed.push({ file, before })
  }
  const extra = [...present].filter((path) => !rendered.has(path)).sort()
  const stale: string[] = []
  const diagnostics: Diagnostic[] = []
  for (const path of extra) {
    if (path.endsWith(temporaryEnding) || isOurs(join(root, path))) stale.push(path)
    else diagnostics.push(foreign(path))
  }
  return { changed, stale, unchanged: files.length - changed.length, diagnostics }
}

const foreign = (file: string): Diagnostic =>
  diagnose(
    'RENDERED_FOREIGN',
    startOf(file),
    `${file} is in a rendered folder, but synth did not write it`,
    'move it out of rendered/, or delete it; everything Argo CD applies comes from apps/ and clusters/*/cluster.yaml',
  )

function listFiles(root: string, folder: string, found: Set<string>): void {
  let entries: Dirent[]
  try {
    entries = readdirSync(join(root, folder), { withFileTypes: true })
  } catch (error) {
    if (isCode(error, 'ENOENT')) return
    throw new Failure(`cannot list ${folder}`, { cause: error })
  }
  for (const entry of entries) {
    const path = `${folder}/${entry.name}`
    // A symbolic link counts as a file and is never followed: it may lead out of the repository.
    if (entry.isDirectory()) listFiles(root, path, found)
    else found.add(path)
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined
    throw new Failure(`cannot read ${path}`, { cause: error })
  }
}

/** A rendered folder that is a link would send writes and deletions somewhere else. */
const isLink = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false

const isOurs = (path: string): boolean => lstatSync(path).isFile() && isGenerated(readFileSync(path, 'utf8'))

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code
