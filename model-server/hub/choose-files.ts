// Which of a model's files are fetched: an allow-list, and of the ONNX graph only the precision that will be used.
import { posix } from 'node:path'
import type { WantedFile } from '../fetch/remote-file.ts'
import { chooseOnnxFile, type Dtype, dtypes, weightFilesOf } from '../model/onnx-files.ts'
import { UserMistake } from '../user-mistake.ts'

export interface Choice {
  /** Patterns; empty: every file. `!` in front takes files out again. */
  allow: readonly string[]
  /** Locked hashes by path; they win over the Hub's own. */
  hashes: ReadonlyMap<string, string>
  dtype: Dtype | undefined
}

/** @throws UserMistake when nothing is left, or when a locked file is not what the Hub has */
export function chooseFiles(
  model: string,
  files: readonly WantedFile[],
  { allow, hashes, dtype }: Choice,
): WantedFile[] {
  const wanted = allow.filter((pattern) => !pattern.startsWith('!'))
  const unwanted = allow.filter((pattern) => pattern.startsWith('!')).map((pattern) => pattern.slice(1))
  const matches = (path: string, patterns: readonly string[]): boolean =>
    patterns.some((pattern) => posix.matchesGlob(path, pattern))
  const allowed = files.filter(({ path }) => (wanted.length === 0 || matches(path, wanted)) && !matches(path, unwanted))
  const chosen = oneGraph(model, allowed, dtype)
  if (chosen.length === 0) throw new UserMistake(`${model}: no file matches ${allow.join(' ')}`)
  return chosen.map((file) => withLockedHash(model, file, hashes.get(file.path)))
}

/** Repositories hold the same graph in up to ten precisions: several gigabytes of which one file is used. */
function oneGraph(model: string, files: readonly WantedFile[], dtype: Dtype | undefined): WantedFile[] {
  const isGraph = ({ path }: WantedFile): boolean => /^onnx\/[^/]+\.onnx(?:_data.*)?$/.test(path)
  const names = files.filter(isGraph).map(({ path }) => path.slice('onnx/'.length))
  if (names.length === 0) return [...files]
  const graph = chooseOnnxFile(names, dtype)
  if (graph === undefined)
    throw new UserMistake(
      `${model}: none of its ONNX files (${names.join(', ')}) is of a precision for CPUs: ${Object.keys(dtype === undefined ? dtypes : { [dtype]: '' }).join(', ')}`,
    )
  const kept = weightFilesOf(graph, names)
  return files.filter((file) => !isGraph(file) || kept.includes(file.path.slice('onnx/'.length)))
}

function withLockedHash(model: string, file: WantedFile, locked: string | undefined): WantedFile {
  if (locked === undefined) return file
  if (file.sha256 !== undefined && file.sha256 !== locked)
    throw new UserMistake(
      `${model} ${file.path}: the Hub has sha256 ${file.sha256}, but ${locked} is locked; renew the lock if the revision changed`,
    )
  return { ...file, sha256: locked }
}
