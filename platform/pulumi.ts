// `npm run platform`: the Pulumi CLI in platform/, of the one version with which the program is tested. Without it, or with another
// one, it says what to do.
import { spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = import.meta.dirname
const { devDependencies, dependencies } = JSON.parse(readFileSync(join(folder, '../package.json'), 'utf8')) as Record<
  'devDependencies' | 'dependencies',
  Record<string, string> | undefined
>
const wanted = { ...devDependencies, ...dependencies }['@pulumi/pulumi'] ?? ''

function problem(): string | undefined {
  const { error, stdout } = spawnSync('pulumi', ['version'], { encoding: 'utf8' })
  const install = `install ${wanted}: curl -fsSL https://get.pulumi.com | sh -s -- --version ${wanted}, then open a new shell`
  if (error !== undefined) return `the Pulumi CLI is not on PATH -> ${install}`
  const found = stdout.trim().replace(/^v/, '')
  return found === wanted
    ? undefined
    : `the Pulumi CLI is ${found}, and this repository is tested with ${wanted} -> ${install}`
}

const message = problem()
if (message !== undefined) {
  process.stderr.write(`${message}\n`)
  process.exitCode = 1
} else {
  const child = spawn('pulumi', ['--cwd', folder, ...process.argv.slice(2)], { stdio: 'inherit' })
  // Ctrl-C reaches the CLI too, which ends in order; only then this ends.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {})
  child.once('exit', (code) => {
    process.exitCode = code ?? 1
  })
}
