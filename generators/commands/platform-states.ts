// What the platform program declares for AWS before and after a change: each state by its own code, in a process of its own.
import { spawnSync } from 'node:child_process'
import { existsSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { Position } from '../diagnostics/diagnostic.ts'
import type { GitHistory } from '../load/git-history.ts'
import { type DeclaredPlatform, resourceChanges } from '../review/platform/resource-changes.ts'
import type { PlatformComparison } from '../review/risks/platform-risks.ts'
import type { States } from './compare-states.ts'

const program = 'platform/print-graph.ts'
const here = join(import.meta.dirname, '../..')

/** What the program is made of, and what it reads. */
const isCode = (path: string): boolean =>
  /^(?:platform|generators|gateway)\/.*\.(?:ts|json)$|^package\.json$/.test(path) && !path.includes('/test/')
const isRead = (path: string): boolean => /^clusters\/[^/]+\/cluster\.yaml$|^apps\/tenants\/[^/]+\.yaml$/.test(path)

/** Code that declares resources; the walk, the doctor and the costs only read them. */
export const declares =
  /^(?:platform\/(?!walk\/|doctor\/|cost\/|deployer\/|print-graph)|generators\/schema\/|generators\/render\/argocd\/root\.ts|gateway\/(?:security-headers|smoke\/outcome|discovery\/contract)\.ts)/

export interface PlatformInput {
  history: GitHistory
  root: string
  states: States
  /** Files that say something else than before. */
  changed: readonly string[]
  clusters: readonly string[]
  lineOf: (path: string) => number
}

/** `undefined`: nothing that reaches AWS differs. */
export function comparePlatforms(input: PlatformInput): PlatformComparison | undefined {
  const { root, changed, lineOf } = input
  const code = changed
    .filter((path) => isCode(path) && declares.test(path))
    .map((file): Position => ({ file, line: lineOf(file), column: 1 }))
  const files = changed.filter(isRead)
  if (code.length + files.length === 0) return undefined
  const hasProgram = existsSync(join(root, program))
  if (!hasProgram && files.length === 0) return undefined
  const clusters = code.length > 0 && hasProgram ? input.clusters : touched(files, input.clusters)
  const own = { code: hasProgram ? code : [] }
  const graphs = recordBoth(input, clusters, hasProgram && code.length > 0)
  if (typeof graphs === 'string') return { ...own, changes: [], problem: graphs }
  const [before, after] = graphs
  const changes = after.flatMap((fresh) => {
    const old = before.find(({ cluster }) => cluster === fresh.cluster)
    // A cluster that comes or goes is one sentence of its own.
    return old === undefined ? [] : resourceChanges(old, fresh)
  })
  return { ...own, changes }
}

const touched = (files: readonly string[], clusters: readonly string[]): readonly string[] =>
  files.some((path) => path.startsWith('apps/'))
    ? clusters
    : clusters.filter((name) => files.includes(`clusters/${name}/cluster.yaml`))

type Graphs = DeclaredPlatform[]

/** The base’s own code when it differs; else one process declares both. */
function recordBoth(
  { history, root, states }: PlatformInput,
  clusters: readonly string[],
  codeDiffers: boolean,
): [Graphs, Graphs] | string {
  const wanted = (path: string): boolean => isRead(path) || path.startsWith('apps/') || (codeDiffers && isCode(path))
  const withHead = <T>(use: (folder: string) => T): T =>
    states.head === undefined ? use(root) : history.withFiles(states.head, wanted, use)
  return history.withFiles(states.base, wanted, (base) =>
    withHead((head) => {
      if (!codeDiffers) return record(here, [base, head], clusters) as [Graphs, Graphs] | string
      const both = [base, head].map((tree) => record(withModules(tree, root), [tree], clusters))
      const wrong = both.find((one) => typeof one === 'string')
      return wrong === undefined ? (both.flat() as [Graphs, Graphs]) : (wrong as string)
    }),
  )
}

function withModules(tree: string, root: string): string {
  const modules = join(tree, 'node_modules')
  if (!existsSync(modules)) symlinkSync(join(root, 'node_modules'), modules, 'dir')
  return tree
}

function record(code: string, roots: readonly string[], clusters: readonly string[]): Graphs[] | string {
  if (!existsSync(join(code, program))) return 'the base has no program that prints its resources'
  const args = [...roots.flatMap((root) => ['--root', root]), ...clusters.flatMap((name) => ['--cluster', name])]
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(code, program), ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    // Loading Pulumi takes a second, half of it compiling; Node keeps the result.
    env: { ...process.env, NODE_COMPILE_CACHE: join(here, 'node_modules/.cache/slipway') },
  })
  if (status !== 0) return `the platform program failed: ${stderr.trim().split('\n')[0] ?? ''}`
  return JSON.parse(stdout) as Graphs[]
}
