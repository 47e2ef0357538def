// `npm run test:fork -- COMPANY [PART...]`: makes this repository somebody else's in a temporary folder, by `npm run init`, and tests that.
// It begins with the samples of test/sample, so it says the same in every copy, whatever clusters and models that has.
import { spawnSync } from 'node:child_process'
import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseDocument } from 'yaml'
import { outliveReaders } from '../generators/command-line/outlive-readers.ts'
import { brought, companies } from './companies.ts'
import { root } from './source-files.ts'

outliveReaders()

const [company = '', ...parts] = process.argv.slice(2)
const answers = companies[company]
if (answers === undefined) {
  console.error(`npm run test:fork -- COMPANY [PART...], COMPANY is one of ${Object.keys(companies).join(', ')}`)
  process.exit(1)
}

const fork = mkdtempSync(join(tmpdir(), 'slipway-fork-'))
process.once('exit', () => rmSync(fork, { recursive: true, force: true }))

function run(program: string, ...args: string[]): void {
  console.log(`$ ${program} ${args.join(' ')}`)
  const started = performance.now()
  const { status } = spawnSync(program, args, { cwd: fork, stdio: 'inherit', shell: process.platform === 'win32' })
  console.log(`${((performance.now() - started) / 1000).toFixed(1)} s`)
  if (status !== 0) process.exit(1)
}

const npm = (script: string, ...args: string[]): void => run('npm', 'run', '--silent', script, '--', ...args)

function commit(message: string): void {
  run('git', 'add', '--all')
  run('git', '-c', 'user.name=fork', '-c', 'user.email=fork@example.com', 'commit', '--quiet', '--message', message)
}

run('git', 'clone', '--quiet', root, '.')
for (const path of ['clusters', 'apps/models', 'apps/tenants', 'apps/gateway.yaml'])
  rmSync(join(fork, path), { recursive: true })
cpSync(join(root, 'test/sample'), fork, { recursive: true })
symlinkSync(join(root, 'node_modules'), join(fork, 'node_modules'), 'junction')
// The ignored folder is a link here, which its pattern does not name.
appendFileSync(join(fork, '.git/info/exclude'), 'node_modules\n')

/** By hand, as docs/bring-your-own.md says; comments stay. */
function bring(cluster: string, sections: Record<string, object>): void {
  const path = join(fork, 'clusters', cluster, 'cluster.yaml')
  const file = parseDocument(readFileSync(path, 'utf8'))
  for (const [section, value] of Object.entries(sections)) file.set(section, value)
  writeFileSync(path, file.toString())
}

npm('init', '--yes', ...answers)
for (const [cluster, sections] of Object.entries(brought[company] ?? {})) bring(cluster, sections)
npm('synth')
commit('clusters: our own')
for (const cluster of readdirSync(join(fork, 'clusters'))) npm('walk', '--cluster', cluster)
npm('review', '--base', 'HEAD~1', '--format', 'markdown')
npm('check')
npm('test', ...parts)
// The clone is the first thing that this process does.
console.log(`${company}: from clone to green in ${(performance.now() / 1000).toFixed(0)} s`)
