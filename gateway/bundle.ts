// `npm run gateway:bundle`: the whole gateway as one program for its image, so that the image holds no node_modules; the
// console's files lie beside it.
import { readFileSync } from 'node:fs'
import { cp, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { build } from 'esbuild'
import { consoleFileNames } from './routes/console-files.ts'

const folder = import.meta.dirname

/** Where the Dockerfile takes it from. */
export const bundlePath = join(folder, 'dist', 'gateway.mjs')

/** What the image runs: flags of Node, then the program. */
export const imageCommand = (): string[] =>
  JSON.parse(/^CMD (\[.*\])$/m.exec(readFileSync(join(folder, 'Dockerfile'), 'utf8'))?.[1] ?? '[]') as string[]

/** Writes the bundle to `outfile` and the console's files to `console` beside it; the bundle's size in bytes. */
export async function bundle(outfile: string): Promise<number> {
  await build({
    entryPoints: [join(folder, 'server.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node26',
    // Names stay, so that a stack in the log can be read; white space goes, since it is read at every start.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'linked',
    logLevel: 'warning',
    // Packages in CommonJS ask for Node's own modules by `require`.
    banner: { js: "import { createRequire } from 'node:module';const require = createRequire(import.meta.url);" },
  })
  for (const name of consoleFileNames)
    await cp(join(folder, 'console', name), join(dirname(outfile), 'console', name), { recursive: true })
  return (await stat(outfile)).size
}

if (import.meta.main) {
  const bytes = await bundle(bundlePath)
  process.stdout.write(`${bundlePath}: ${(bytes / 1e6).toFixed(2)} MB\n`)
}
