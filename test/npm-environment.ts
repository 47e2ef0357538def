// Packages of npm in a folder of their own, for clients that only a suite needs and no worktree should have to install.
import { execFile } from 'node:child_process'
import { hash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { cp, mkdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const cacheFolder = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'slipway')

/**
 * What the package-lock.json of a folder lists, installed when it is not there yet, without install scripts.
 * @returns the folder that holds node_modules, or why there is none
 */
export async function npmEnvironment(from: string): Promise<{ folder: string } | { missing: string }> {
  const folder = join(cacheFolder, `npm-${hash('sha256', readFileSync(join(from, 'package-lock.json'))).slice(0, 16)}`)
  if (existsSync(folder)) return { folder }
  await mkdir(cacheFolder, { recursive: true })
  // Under another name until it is complete; of two that are made at the same time the first stays.
  const made = mkdtempSync(`${folder}-`)
  for (const name of ['package.json', 'package-lock.json']) await cp(join(from, name), join(made, name))
  try {
    await promisify(execFile)('npm', ['ci', '--prefix', made, '--ignore-scripts', '--no-audit', '--no-fund'])
  } catch (error) {
    rmSync(made, { recursive: true })
    return { missing: `npm cannot install what ${from} lists: ${(error as { stderr?: string }).stderr ?? error}` }
  }
  if (existsSync(folder)) rmSync(made, { recursive: true })
  else renameSync(made, folder)
  return { folder }
}
