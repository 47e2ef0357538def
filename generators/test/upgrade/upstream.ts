// An upstream with four versions, made from this tree: each of the last three changes a schema, and the first has all old forms.
// And a company’s copy of the first, with sources as they were written then.
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { devNull, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { repositoryRoot, validFixture } from '../fixture.ts'

/** Settings of the machine (hooks, signing, line endings) have no say. */
const environment = {
  ...process.env,
  GITHUB_ACTIONS: '',
  GIT_CONFIG_GLOBAL: devNull,
  GIT_CONFIG_NOSYSTEM: '1',
}

export class Copy {
  readonly root: string

  constructor(root: string) {
    this.root = root
    mkdirSync(root, { recursive: true })
  }

  git(...args: string[]): string {
    const author = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com']
    return execFileSync('git', ['-C', this.root, ...author, ...args], {
      encoding: 'utf8',
      env: environment,
      stdio: 'pipe',
    }).trimEnd()
  }

  commit(message: string): string {
    this.git('add', '--all')
    this.git('commit', '--quiet', '--allow-empty', '--message', message)
    return this.git('rev-parse', 'HEAD')
  }

  read(path: string): string {
    return readFileSync(join(this.root, path), 'utf8')
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true })
    writeFileSync(join(this.root, path), text)
  }

  edit(path: string, from: string, to: string): void {
    const text = this.read(path)
    if (!text.includes(from)) throw new Error(`${path} has no ${from}`)
    this.write(
      path,
      text.replace(from, () => to),
    )
  }

  /** A command of the program that this copy has. */
  command(...args: string[]): { status: number | null; out: string; log: string } {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['generators/main.ts', ...args], {
      cwd: this.root,
      encoding: 'utf8',
      env: environment,
    })
    return { status, out: stdout, log: stderr }
  }
}

/** What the programs need; tests, documents and the rest are in neither repository. */
const programFolders = ['generators', 'gateway', 'platform', 'model-server/hub', 'model-server/fetch', 'schemas']
const programFiles = [
  'package.json',
  'package-lock.json',
  'CHANGELOG.md',
  '.gitignore',
  'apps/addons',
  'docs/reference',
]

/** By version, from the newest: what its program still has of the time before the next one’s change. */
const olderForms: Record<string, (upstream: Copy) => void> = {
  'v0.1.2': (upstream) => {
    upstream.edit(
      'generators/schema/slo.ts',
      'strict(\n    {\n      firstToken',
      'strict(\n    {\n      timeToFirstTokenSeconds: Type.Optional(Type.Number()),\n      firstToken',
    )
    upstream.edit(
      'generators/validate/model-settings.ts',
      'firstTokenSeconds: firstToken === undefined ? undefined : seconds(firstToken)',
      'firstTokenSeconds: firstToken === undefined ? merged.slo?.timeToFirstTokenSeconds : seconds(firstToken)',
    )
    // What the last version makes roll.
    upstream.edit('generators/render/model/deployment.ts', 'enableServiceLinks: false', 'enableServiceLinks: true')
    withoutMigration(upstream, 'slo.timeToFirstTokenSeconds')
  },
  'v0.1.1': (upstream) => {
    upstream.edit(
      'generators/schema/cluster.ts',
      '        audiences: Type',
      '        audience: Type.Optional(Type.String()),\n        audiences: Type',
    )
    upstream.edit(
      'generators/schema/cluster-defaults.ts',
      'oidc.audiences ?? []',
      "oidc.audiences ?? [oidc.audience ?? '']",
    )
    withoutMigration(upstream, 'oidc.audience')
  },
  'v0.1.0': (upstream) => withoutMigration(upstream, 'slidingWindow'),
}

function withoutMigration(upstream: Copy, field: string): void {
  const path = 'generators/upgrade/migrations.ts'
  const entry = upstream
    .read(path)
    .split(/(?<=^ {2}\},\n)/m)
    .find((part) => part.includes(`field: '${field}'`))
  upstream.edit(path, /^ {2}\{\n[\s\S]*/m.exec(entry ?? '')?.[0] ?? field, '')
}

export const versions = ['v0.1.0', 'v0.1.1', 'v0.1.2', 'v0.1.3']

function copyProgram(to: string): void {
  const isTest = (path: string): boolean => /[\\/](?:test|dist|node_modules)$/.test(path)
  for (const path of [...programFolders, ...programFiles])
    cpSync(join(repositoryRoot, path), join(to, path), { recursive: true, filter: (from) => !isTest(from) })
}

/** Its samples are the fixture’s add-ons and nothing else of a company. */
function makeUpstream(root: string): Copy {
  const upstream = new Copy(root)
  upstream.git('init', '--quiet', '--initial-branch=main')
  for (const version of versions) {
    copyProgram(root)
    for (const [before, edit] of Object.entries(olderForms)) if (before >= version) edit(upstream)
    upstream.edit('package.json', '"version": "0.1.0"', `"version": "${version.slice(1)}"`)
    upstream.write('CHANGELOG.md', changelog(version))
    upstream.write('apps/models/sample.yaml', `# of ${version}\n`)
    upstream.commit(version)
    upstream.git('tag', '--annotate', version, '--message', version)
  }
  return upstream
}

const changelog = (version: string): string =>
  `# Changelog\n\n${versions
    .filter((one) => one <= version)
    .reverse()
    .map((one) => `## ${one.slice(1)}\n\n- **Rolls:** what ${one} changes.\n`)
    .join('\n')}`

/** Sources in the forms of the first version, rendered. */
function makeCompany(upstream: Copy, root: string): Copy {
  upstream.git('clone', '--quiet', '--origin', 'upstream', '--branch', 'v0.1.0', upstream.root, root)
  const company = new Copy(root)
  company.git('switch', '--quiet', '--create', 'main')
  rmSync(join(root, 'apps/models/sample.yaml'))
  for (const path of [
    'apps/models',
    'apps/tenants',
    'apps/gateway.yaml',
    'apps/images.yaml',
    'clusters',
    'model-server',
  ])
    cpSync(join(validFixture, path), join(root, path), { recursive: true })
  for (const stack of ['blue', 'green']) company.write(`platform/Pulumi.${stack}.yaml`, 'encryptionsalt: v1:none\n')
  linkModules(root)
  company.edit(
    'apps/models/chat.yaml',
    'clusters:',
    '# How long we wait.\nslo: { timeToFirstTokenSeconds: 30 } # seconds\nclusters:',
  )
  company.edit('clusters/blue/cluster.yaml', 'audiences: [slipway]', 'audience: slipway # ours')
  company.edit('clusters/green/cluster.yaml', 'audiences: [slipway]', 'audience: slipway')
  execFileSync(process.execPath, ['generators/main.ts', 'synth'], { cwd: root, env: environment, stdio: 'pipe' })
  // Today’s planner cannot read the lock of then.
  const lock = JSON.parse(company.read('apps/models/chat.lock.json')) as Record<string, unknown>
  delete lock.cache
  company.write('apps/models/chat.lock.json', `${JSON.stringify(lock, undefined, 2)}\n`)
  company.commit('clusters: our own')
  return company
}

export function linkModules(root: string): void {
  symlinkSync(join(repositoryRoot, 'node_modules'), join(root, 'node_modules'), 'junction')
  // A link is no folder, so the pattern of .gitignore does not name it.
  writeFileSync(join(root, '.git/info/exclude'), 'node_modules\n')
}

/** Both, made once; each test gets its own copy of the company. */
export function makeRepositories(): { upstream: Copy; company: () => Copy; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-upstream-'))
  const upstream = makeUpstream(join(folder, 'upstream'))
  const made = makeCompany(upstream, join(folder, 'company'))
  let count = 0
  return {
    upstream,
    company: () => {
      count += 1
      const root = join(folder, `company-${count}`)
      cpSync(made.root, root, { recursive: true, verbatimSymlinks: true })
      return new Copy(root)
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
