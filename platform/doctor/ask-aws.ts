// Asks AWS by its own CLI: `up` needs it anyway, it knows every kind of credentials that a person may have, and each question can be
// repeated by hand as it is printed.
import { execFile } from 'node:child_process'

/** The first versions that know every question: `eks describe-cluster-versions` came last. */
export const oldestCli = { 1: '1.36.22', 2: '2.22.17' } as const

export type Answer = { answer: unknown } | { error: string }

const seconds = 60

function run(args: readonly string[]): Promise<{ code: string | number; out: string; log: string }> {
  const env = { ...process.env, AWS_PAGER: '', AWS_MAX_ATTEMPTS: '2', AWS_EC2_METADATA_DISABLED: 'true' }
  return new Promise((resolve) => {
    execFile('aws', args, { env, timeout: seconds * 1000, maxBuffer: 64 * 1024 * 1024 }, (error, out, log) => {
      const code = error === null ? 0 : error.killed === true ? 'timeout' : (error.code ?? 1)
      resolve({ code, out, log: log.trim() })
    })
  })
}

/** Why the CLI cannot be used; undefined when it can. */
export async function cliProblem(): Promise<string | undefined> {
  const { code, out, log } = await run(['--version'])
  if (code === 'ENOENT') return 'the AWS CLI is not on PATH: https://docs.aws.amazon.com/cli/ (`up` needs it too)'
  const version = /aws-cli\/(\d+\.\d+\.\d+)/.exec(`${out}${log}`)?.[1]
  const oldest = version?.startsWith('1.') ? oldestCli[1] : oldestCli[2]
  if (version === undefined) return `aws --version says ${`${out}${log}`.trim()}, which is no AWS CLI`
  return isOlder(version, oldest) ? `the AWS CLI is ${version}; ${oldest} or newer is needed` : undefined
}

export async function askAws(args: readonly string[]): Promise<Answer> {
  const { code, out, log } = await run([...args, '--output', 'json'])
  if (code === 'timeout') return { error: `no answer in ${seconds} s` }
  if (code !== 0) return { error: log === '' ? `aws ended with ${code}` : log }
  // Some answers are empty, such as that of a bucket that never had versions.
  return { answer: out.trim() === '' ? undefined : JSON.parse(out) }
}

/** What the CLI says when it finds no credentials, or some that ended. */
export const lacksCredentials = (error: string): boolean =>
  /Unable to locate credentials|NoCredentials|ExpiredToken|Token has expired|SSO session|config profile .* could not be found|Partial credentials/i.test(
    error,
  )

function isOlder(version: string, than: string): boolean {
  const [one = [], other = []] = [version, than].map((text) => text.split('.').map(Number))
  const at = one.findIndex((part, index) => part !== other[index])
  return at >= 0 && (one[at] ?? 0) < (other[at] ?? 0)
}
