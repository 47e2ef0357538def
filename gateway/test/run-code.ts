// Runs code that the console offers for copying, in a process of its own, with the token in its variable.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const cwd = join(import.meta.dirname, '../..')

/**
 * @returns what it printed; undefined for code that this machine cannot run: Python’s client is no npm package, so that
 * of Python only the syntax is checked
 */
export async function runCode(language: string, source: string, token: string): Promise<string | undefined> {
  const env = { ...process.env, SLIPWAY_TOKEN: token }
  const options = { cwd, env, timeout: 10_000 }
  if (language === 'TypeScript') {
    const args = ['--input-type=module-typescript', '-e', source]
    return (await run(process.execPath, args, options)).stdout
  }
  try {
    if (language === 'curl') return (await run('sh', ['-c', `${source} -s`], options)).stdout
    await run('python3', ['-c', 'import ast, sys; ast.parse(sys.argv[1])', source], options)
  } catch (error) {
    const { code } = error as { code?: unknown }
    if (code !== 'ENOENT' && code !== 127) throw error
    console.log(`no ${language} here: its code was not run`)
  }
  return undefined
}
