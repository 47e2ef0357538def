// What upstream has: its versions, the commit to go to, and the one that this copy was made from.

import { UsageError } from '../../command-line/command.ts'
import { nearest } from '../../diagnostics/nearest.ts'
import { type Git, reasonOf } from './git.ts'

export const record = 'upstream.json'

/** What `upstream.json` holds. */
export interface Recorded {
  version: string
  commit: string
}

export interface Versions {
  url: string
  /** Commits by tag and branch. */
  refs: Map<string, { ref: string; commit: string }>
}

/** The remote `upstream`, or what somebody gave in its place. */
export function addressOf(git: Git, from: string | undefined): string {
  if (from !== undefined) return from
  const { status, out } = git.ask(['remote', 'get-url', 'upstream'])
  if (status === 0) return out.toString().trim()
  throw new UsageError('there is no remote "upstream": git remote add upstream URL, or give --from URL')
}

export function versionsOf(git: Git, url: string): Versions {
  const { status, out, log } = git.ask(['ls-remote', '--tags', '--heads', '--', url], {
    env: { GIT_TERMINAL_PROMPT: '0' },
  })
  if (status !== 0) throw new UsageError(`${url} does not answer as a Git repository: ${reasonOf(log)}`)
  const refs: Versions['refs'] = new Map()
  for (const line of out.toString().split('\n').filter(Boolean)) {
    const [commit = '', ref = ''] = line.split('\t')
    const name = ref.replace(/^refs\/(?:tags|heads)\//, '').replace(/\^\{\}$/, '')
    // Of an annotated tag the second line names the commit. A tag goes before a branch of its name.
    if (!refs.has(name) || ref.endsWith('^{}') || ref.startsWith('refs/tags/'))
      refs.set(name, { ref: ref.replace(/\^\{\}$/, ''), commit })
  }
  return { url, refs }
}

const tagsOf = ({ refs }: Versions): string[] =>
  [...refs].filter(([, { ref }]) => ref.startsWith('refs/tags/')).map(([name]) => name)

/** Brings a tag, branch or commit of upstream here, without a name of its own. */
export function fetchCommit(git: Git, versions: Versions, wanted: string | undefined): string {
  const tags = tagsOf(versions)
  const listed = tags.length === 0 ? 'it has no tags yet; a branch or commit will do' : `it has ${tags.join(', ')}`
  if (wanted === undefined) throw new UsageError(`say which version, --to VERSION; ${listed}`)
  const known = versions.refs.get(wanted)
  if (known === undefined && !/^[0-9a-f]{40}$/.test(wanted)) {
    const near = nearest(wanted, [...versions.refs.keys()])
    throw new UsageError(`upstream has no ${wanted}; ${near === undefined ? listed : `did you mean ${near}?`}`)
  }
  const commit = known?.commit ?? wanted
  if (git.commit(commit) !== undefined) return commit
  const args = ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--', versions.url, known?.ref ?? wanted]
  const { status, log } = git.ask(args, { env: { GIT_TERMINAL_PROMPT: '0' } })
  if (status !== 0) throw new UsageError(`${wanted} cannot be fetched from ${versions.url}: ${reasonOf(log)}`)
  const fetched = git.commit(commit)
  if (fetched === undefined) throw new UsageError(`${wanted} of upstream is no commit`)
  return fetched
}

/** The latest of what says so: the record of the last upgrade, the tag of the copy’s version, the commit where both histories part. */
export function baseOf(git: Git, versions: Versions, target: string): string {
  const recorded = readJson<Recorded>(git.text('HEAD', record))?.commit
  const version = readJson<{ version?: string }>(git.text('HEAD', 'package.json'))?.version
  const tag = `v${version}`
  const shared = git.ask(['merge-base', 'HEAD', target])
  const found = [
    recorded === undefined ? undefined : orNothing(() => fetchCommit(git, versions, recorded)),
    versions.refs.has(tag) ? fetchCommit(git, versions, tag) : undefined,
    shared.status === 0 ? shared.out.toString().trim() : undefined,
  ].filter((commit) => commit !== undefined)
  const [first, ...others] = found
  if (first === undefined)
    throw new UsageError(
      `nothing says which version of upstream this copy was made from: it has no ${tag}, and no history in common; give --base VERSION`,
    )
  return others.reduce((latest, one) => (git.isAncestor(latest, one) ? one : latest), first)
}

function orNothing<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof UsageError) return undefined
    throw error
  }
}

function readJson<T>(text: string | undefined): T | undefined {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as T)
  } catch {
    return undefined
  }
}
