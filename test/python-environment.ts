// A Python with what a requirements.txt lists, for the suites that need programs of its package index.
import { execFile } from 'node:child_process'
import { join } from 'node:path'

/** Exit code of make-environment.py when the machine lacks what it takes. */
const cannot = 3

/**
 * The Python of an environment with these packages, made when it is not there yet.
 * @returns the path of its program, or why there is none
 */
export function pythonEnvironment(requirements: string): Promise<{ python: string } | { missing: string }> {
  return new Promise((resolve, reject) => {
    execFile('python3', [join(import.meta.dirname, 'make-environment.py'), requirements], (error, stdout, stderr) => {
      if (!error) resolve({ python: `${stdout.trim()}/bin/python` })
      else if (error.code === cannot) resolve({ missing: stderr.trim() })
      else if ((error as NodeJS.ErrnoException).code === 'ENOENT') resolve({ missing: 'there is no python3' })
      else reject(new Error(`no Python environment could be made of ${requirements}: ${stderr}`))
    })
  })
}
