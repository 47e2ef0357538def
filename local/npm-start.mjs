// What `npm start` runs: any Node can read it, so that a checkout without `npm ci` gets one line about it.
import { existsSync } from 'node:fs'

const modules = new URL('../node_modules', import.meta.url)

if (!existsSync(modules)) {
  process.stderr.write('The packages are not installed yet: run npm ci, then npm start.\n')
  process.exitCode = 1
} else if (!process.features.typescript) {
  process.stderr.write(
    `Node ${process.versions.node} cannot run this: use npm start, which takes the Node of node_modules (npm ci brings it).\n`,
  )
  process.exitCode = 1
} else {
  await import('./main.ts')
}
