// Gathers the files of the model server's image, for each processor: the program, the packages that it needs, the bundled model.
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Packages that the program imports; theirs come along by the lock file. */
export const packages = [
  '@huggingface/hub',
  '@huggingface/jinja',
  '@huggingface/tokenizers',
  'aws4fetch',
  'fastify',
  'onnxruntime-node',
  'prom-client',
] as const

/** Docker's name of a processor → Node's. */
const processors = { amd64: 'x64', arm64: 'arm64' } as const
type Processor = keyof typeof processors

interface Lock {
  packages: Record<string, { dependencies?: Record<string, string>; optionalDependencies?: Record<string, string> }>
}

/** Folders of packages and of all that they depend on, found from each package outwards as Node does. */
export function packageFolders(lock: Lock, roots: readonly string[]): string[] {
  const found = new Set<string>()
  const visit = (name: string, from: string): void => {
    const folder = nearest(lock, name, from)
    if (folder === undefined || found.has(folder)) return
    found.add(folder)
    for (const next of Object.keys(lock.packages[folder]?.dependencies ?? {})) visit(next, folder)
  }
  for (const name of roots) visit(name, '')
  return [...found].sort()
}

function nearest(lock: Lock, name: string, from: string): string | undefined {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('node_modules/') - 1))) {
    const path = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`
    if (path in lock.packages) return path
    if (folder === '') return undefined
  }
}

/** Not for the image. */
const ours = new Set(['test', 'image', 'dist', 'README.md', 'Dockerfile', 'Dockerfile.dockerignore'])

/** @param to what becomes /app */
export function assemble(root: string, to: string, processor: Processor): void {
  rmSync(to, { recursive: true, force: true })
  mkdirSync(join(to, 'model-server'), { recursive: true })
  cpSync(join(root, 'package.json'), join(to, 'package.json'))
  for (const name of readdirSync(join(root, 'model-server')))
    if (!ours.has(name)) cpSync(join(root, 'model-server', name), join(to, 'model-server', name), { recursive: true })
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lock
  for (const folder of packageFolders(lock, packages)) copyPackage(root, to, folder, processor)
}

/** Binaries of onnxruntime for other platforms are 245 MB. */
function copyPackage(root: string, to: string, folder: string, processor: Processor): void {
  const binaries = join(root, folder, 'bin/napi-v6')
  const wanted = join(binaries, 'linux', processors[processor])
  mkdirSync(dirname(join(to, folder)), { recursive: true })
  cpSync(join(root, folder), join(to, folder), {
    recursive: true,
    filter: (path) => !path.startsWith(`${binaries}/`) || wanted.startsWith(path) || path.startsWith(wanted),
  })
}

if (import.meta.main) {
  const root = join(import.meta.dirname, '../..')
  for (const processor of Object.keys(processors) as Processor[])
    assemble(root, join(root, 'model-server/dist', processor), processor)
}
