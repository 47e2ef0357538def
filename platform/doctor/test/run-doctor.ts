// `npm run doctor` as a user runs it, on a copy of a cluster file that names another issuer.
import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import type { ClusterFile } from '../../../generators/schema/cluster.ts'
import { sampleRoot } from '../../../test/sample-tree.ts'
import { root } from '../../../test/source-files.ts'

export interface Printed {
  status: number
  out: string
  log: string
}

export interface Visit {
  change?: (file: ClusterFile) => void
  args?: string[]
  environment: Record<string, string>
}

export function runDoctor({ change, args = [], environment }: Visit): Promise<Printed> {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-doctor-'))
  for (const path of ['apps', 'clusters/dev']) cpSync(join(sampleRoot, path), join(folder, path), { recursive: true })
  const path = join(folder, 'clusters/dev/cluster.yaml')
  const file = parse(readFileSync(path, 'utf8')) as ClusterFile
  change?.(file)
  writeFileSync(path, stringify(file))
  // Nothing of the person who runs the tests: no profile, no credentials.
  const none = { AWS_CONFIG_FILE: '/dev/null', AWS_SHARED_CREDENTIALS_FILE: '/dev/null', GITHUB_ACTIONS: '' }
  const { PATH = '', HOME = '' } = process.env
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(root, 'platform/doctor/main.ts'), '--cluster', 'dev', '--root', folder, ...args],
      { env: { PATH, HOME, ...none, ...environment }, maxBuffer: 16 * 1024 * 1024 },
      (error, out, log) => {
        rmSync(folder, { recursive: true, force: true })
        resolve({ status: typeof error?.code === 'number' ? error.code : error === null ? 0 : 2, out, log })
      },
    )
  })
}

export interface Report {
  problem?: string
  findings: { check: string; state: string; says: string; todo?: string; asked: string }[]
}

/** Of what `--json` printed: the same envelope as of every command. */
export function reportOf({ out }: Printed): Report {
  const { version, ok, summary, result } = JSON.parse(out)
  const { findings } = result as Pick<Report, 'findings'>
  const isReady = findings.every(({ state }) => state === 'ready')
  if (version !== 1 || ok !== isReady) throw new Error(`version ${version}, ok ${ok}`)
  return { findings, problem: summary.problem }
}
