// The Markdown files of this repository: their headings as GitHub makes anchors of them, and where their links lead.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join, posix } from 'node:path'
import { root } from './source-files.ts'

export interface Link {
  /** As it is written. */
  written: string
  /** Path from the root of the repository. */
  path: string
  anchor: string
}

export const repositoryFiles: readonly string[] = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && existsSync(join(root, file)) && statSync(join(root, file)).isFile())

export const documents: readonly string[] = repositoryFiles.filter((file) => file.endsWith('.md'))

export const textOf = (file: string): string => readFileSync(join(root, file), 'utf8')

const withoutBlocks = (text: string): string => text.replace(/^```[\s\S]*?^```$/gm, '')

/** Letters, digits, `_` and `-` of a heading; a heading that is there twice gets a number. */
export function anchorsOf(text: string): Set<string> {
  const seen = new Map<string, number>()
  const anchors = new Set<string>()
  for (const [, heading = ''] of withoutBlocks(text).matchAll(/^#{1,6} (.+)$/gm)) {
    const words = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase()
    const anchor = words.replace(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(' ', '-')
    const before = seen.get(anchor) ?? 0
    anchors.add(before === 0 ? anchor : `${anchor}-${before}`)
    seen.set(anchor, before + 1)
  }
  return anchors
}

/** Links and pictures; those that leave the repository are left out. */
export function linksOf(file: string, text: string): Link[] {
  return [...withoutBlocks(text).matchAll(/\]\((?![a-z]+:)([^)\s]+)\)/g)].map(([, written = '']) => {
    const [path = '', anchor = ''] = written.split('#')
    return { written, path: path === '' ? file : posix.join(posix.dirname(file), path), anchor }
  })
}

/** What is wrong with a path and its anchor; undefined: nothing. */
export function brokenTarget(path: string, anchor: string): string | undefined {
  if (!existsSync(join(root, path))) return 'is not there'
  if (anchor === '') return undefined
  const page = statSync(join(root, path)).isDirectory() ? posix.join(path, 'README.md') : path
  return anchorsOf(textOf(page)).has(anchor) ? undefined : 'has no such heading'
}
