// `npm run gateway:bundle`: the whole gateway as one program for its image, so that the image holds no node_modules; the
// console's files and the image's other programs, git-watch and smoke, lie beside it.
import { readFileSync } from 'node:fs'
import { cp, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { build } from 'esbuild'
import { outliveReaders } from './outlive-readers.ts'
import { consoleFileNames } from './routes/console-files.ts'

const folder = import.meta.dirname

/** Where the Dockerfile takes it from. */
export const bundlePath = join(folder, 'dist', 'gateway.mjs')

/** The other program, beside it; named in the Deployment of git-watch. */
export const gitWatchFile = 'git-watch.mjs'

/** What the image runs: flags of Node, then the program. */
export const imageCommand = (): string[] =>
  JSON.parse(/^CMD (\[.*\])$/m.exec(readFileSync(join(folder, 'Dockerfile'), 'utf8'))?.[1] ?? '[]') as string[]

/** Asks a model after its rollout; named in each model’s Job. */
export const smokeFile = 'smoke.mjs'

/** Writes the bundle to `outfile`, and the other programs and the console's files beside it; the bundle's size in bytes. */
export async function bundle(outfile: string): Promise<number> {
  await bundleProgram('server.ts', outfile)
  await bundleProgram('git-watch/main.ts', join(dirname(outfile), gitWatchFile))
  await bundleProgram('smoke/main.ts', join(dirname(outfile), smokeFile))
  for (const name of consoleFileNames)
    await cp(join(folder, 'console', name), join(dirname(outfile), 'console', name), { recursive: true })
  return (await stat(outfile)).size
}

async function bundleProgram(entryPoint: string, outfile: string): Promise<void> {
  await build({
    entryPoints: [join(folder, entryPoint)],
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
}

if (import.meta.main) {
  outliveReaders()
  const bytes = await bundle(bundlePath)
  process.stdout.write(`${bundlePath}: ${(bytes / 1e6).toFixed(2)} MB\n`)
}
