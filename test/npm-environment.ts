// A package of npm in a folder of its own, for clients that only a suite needs and no worktree should have to install.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'

const cacheFolder = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache')

/**
 * The package, installed when it is not there yet, without its install scripts.
 * @param entry file of the package that is imported
 * @returns the address to import, or why there is none
 */
export async function npmPackage(
  name: string,
  version: string,
  entry: string,
): Promise<{ address: string } | { missing: string }> {
  const folder = join(cacheFolder, 'slipway', 'npm', `${name.replaceAll(/[@/]/g, '_')}-${version}`)
  const file = join(folder, 'node_modules', name, entry)
  if (!existsSync(file)) {
    await mkdir(folder, { recursive: true })
    const args = ['install', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund', `${name}@${version}`]
    try {
      await promisify(execFile)('npm', args)
    } catch (error) {
      return { missing: `npm cannot install ${name}@${version}: ${(error as { stderr?: string }).stderr ?? error}` }
    }
  }
  return { address: pathToFileURL(file).href }
}
