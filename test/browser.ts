// A headless Chromium for tests: the system’s, else the one that comes as an npm package. Nothing is downloaded.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'

const systemPath = '/usr/bin/chromium'
// In a container Chromium’s own sandbox cannot start; the pages are ours.
const args = ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu']

/** @returns the browser, or why there is none */
export async function openBrowser(): Promise<Browser | string> {
  if (existsSync(systemPath)) return chromium.launch({ executablePath: systemPath, args })
  return openPackagedBrowser()
}

/** The binary of @sparticuz/chromium, for Linux on x64. */
export async function openPackagedBrowser(): Promise<Browser | string> {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return `@sparticuz/chromium has no binary for ${process.platform} ${process.arch}: install Chromium at ${systemPath}`
  const folder = await unpacked()
  const executablePath = join(folder, 'chromium')
  // The libraries that it brings are for machines that lack their own.
  const env = missingLibraries(executablePath)
    ? { ...process.env, LD_LIBRARY_PATH: join(folder, 'al2023', 'lib'), FONTCONFIG_PATH: join(folder, 'fonts') }
    : process.env
  try {
    return await chromium.launch({ executablePath, args: [...args, '--no-zygote'], env: env as Record<string, string> })
  } catch (error) {
    return `the binary of @sparticuz/chromium does not start here: ${(error as Error).message.split('\n')[0]}`
  }
}

const missingLibraries = (path: string): boolean => /not found/.test(execFileSync('ldd', [path], { encoding: 'utf8' }))

/** Unpacks once, beside the package: whatever is in a folder that everybody may write to is not run. */
async function unpacked(): Promise<string> {
  const cache = join(import.meta.dirname, '../node_modules/.cache')
  const folder = join(cache, 'sparticuz-chromium')
  if (existsSync(folder)) return folder
  mkdirSync(cache, { recursive: true })
  const made = mkdtempSync(`${folder}-`)
  const { TMPDIR } = process.env
  // The package unpacks into the system’s temporary folder.
  process.env.TMPDIR = made
  try {
    const { default: packaged, inflate } = await import('@sparticuz/chromium')
    await packaged.executablePath()
    await inflate(join(import.meta.dirname, '../node_modules/@sparticuz/chromium/bin/al2023.tar.br'))
  } finally {
    if (TMPDIR === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = TMPDIR
  }
  renameSync(made, folder)
  return folder
}
