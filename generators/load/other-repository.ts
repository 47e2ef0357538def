// The repository at another commit; files that are the same are not read again.
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { loadRepository } from './load-repository.ts'
import type { LoadedModel, Repository } from './repository.ts'
import type { SourceFile } from './source-file.ts'

/** A model's file and its lock are read together. */
const partnerOf = (path: string): string =>
  path.endsWith('.lock.json') ? path.replace(/\.lock\.json$/, '.yaml') : path.replace(/\.yaml$/, '.lock.json')

const bundledFolder = 'model-server/models/'

/** What must be in the folder that `otherRepository` reads, when the files at `changed` differ. */
export function filesToRead(changed: Iterable<string>): (path: string) => boolean {
  const wanted = new Set<string>()
  let bundled = false
  for (const path of changed) {
    wanted.add(path)
    if (path.startsWith('apps/models/')) wanted.add(partnerOf(path))
    if (path.startsWith(bundledFolder)) bundled = true
  }
  return (path) => wanted.has(path) || (bundled && path.startsWith(bundledFolder))
}

/**
 * `folder` holds the other state of the files that `differs` is true for (those of `filesToRead` that are in it); all others are
 * taken from `known`.
 */
export function otherRepository(
  known: Repository,
  folder: string,
  differs: (path: string) => boolean,
): { repository: Repository; diagnostics: Diagnostic[] } {
  const { repository: read, diagnostics } = loadRepository(folder, { models: [], clusters: [] })
  const choose = (path: string, mine: SourceFile | undefined, other: SourceFile | undefined) =>
    differs(path) ? other : mine
  const merge = <Item extends { name: string }>(
    mine: readonly Item[],
    others: readonly Item[],
    pathOf: (item: Item) => string,
  ) => [...mine.filter((item) => !differs(pathOf(item))), ...others].sort((a, b) => (a.name < b.name ? -1 : 1))
  const modelPath = ({ name }: LoadedModel): string => `apps/models/${name}.yaml`
  const clusterNames = [...new Set([...known.clusters, ...read.clusters].map(({ name }) => name))].sort()
  return {
    repository: {
      ...known,
      models: merge(known.models, read.models, modelPath),
      tenants: merge(known.tenants, read.tenants, ({ file }) => file.path),
      addons: merge(known.addons, read.addons, ({ file }) => file.path),
      gateway: choose('apps/gateway.yaml', known.gateway, read.gateway),
      images: choose('apps/images.yaml', known.images, read.images),
      clusters: clusterNames.flatMap((name) => {
        const [mine, other] = [known, read].map(({ clusters }) => clusters.find((one) => one.name === name))
        const file = choose(`clusters/${name}/cluster.yaml`, mine?.file, other?.file)
        const infra = choose(`clusters/${name}/infra.json`, mine?.infra, other?.infra)
        return file === undefined && infra === undefined ? [] : [{ name, file, infra }]
      }),
      bundled: new Map([...known.bundled, ...(differs(bundledFolder) ? read.bundled : [])]),
      broken: new Set([...[...known.broken].filter((path) => !differs(path)), ...read.broken]),
    },
    diagnostics,
  }
}
