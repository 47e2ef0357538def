// Repositories for tests: a copy of valid/, changed by an overlay.
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

export const repositoryRoot = join(import.meta.dirname, '../..')
export const validFixture = join(import.meta.dirname, 'valid')
export const invalidFixtures = join(import.meta.dirname, 'invalid')

export interface FixtureRepository {
  root: string
  write(path: string, text: string | Uint8Array): void
  read(path: string): string
  remove(path: string): void
}

/** Copies a repository's sources and rendered files into a temporary folder; the caller removes it. */
export function copyRepository(source: string): string {
  const root = mkdtempSync(join(tmpdir(), 'slipway-'))
  for (const folder of ['apps', 'clusters', 'model-server']) {
    cpSync(join(source, folder), join(root, folder), { recursive: true })
  }
  return root
}

/** Copies a repository, lets `use` work there, and removes it. */
export function withRepository<T>(source: string, use: (repository: FixtureRepository) => T): T {
  const root = copyRepository(source)
  const path = (relative: string) => join(root, relative)
  try {
    return use({
      root,
      write(relative, text) {
        mkdirSync(dirname(path(relative)), { recursive: true })
        writeFileSync(path(relative), text)
      },
      read: (relative) => readFileSync(path(relative), 'utf8'),
      remove: (relative) => rmSync(path(relative), { recursive: true }),
    })
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

/** Lays a fixture over valid/: its files replace or join, the paths listed in its file REMOVE go. */
export function applyOverlay(repository: FixtureRepository, overlay: string): void {
  const removals = join(overlay, 'REMOVE')
  if (existsSync(removals)) {
    for (const path of readFileSync(removals, 'utf8').split('\n').filter(Boolean)) repository.remove(path)
  }
  for (const folder of ['apps', 'clusters', 'model-server', 'platform']) {
    if (existsSync(join(overlay, folder)))
      cpSync(join(overlay, folder), join(repository.root, folder), { recursive: true })
  }
}

/** Fixtures that Git cannot hold well, or should not: large, not text, a link out of the repository. */
export const madeFixtures: Record<string, (repository: FixtureRepository) => void> = {
  FILE_TOO_LARGE: ({ write }) => write('apps/models/embed.yaml', `model: ${'x'.repeat(10 * 1024 * 1024)}\n`),
  FILE_ENCODING: ({ write, read }) => {
    const text = read('apps/models/embed.yaml').replace('engine: tei', 'description: Größe\nengine: tei')
    write('apps/models/embed.yaml', Buffer.from(text, 'latin1'))
  },
  FILE_OUTSIDE_REPOSITORY: ({ root, remove }) => {
    remove('apps/models/embed.yaml')
    symlinkSync(join(validFixture, 'apps/models/embed.yaml'), join(root, 'apps/models/embed.yaml'))
  },
}

export const invalidNames = (): string[] => readdirSync(invalidFixtures).sort()
