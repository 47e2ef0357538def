// Reads every hand-written file of the repository once. Never reads what is rendered.
import { join } from 'node:path'
import type { TSchema } from 'typebox'
import { diagnose, startOf } from '../diagnostics/diagnose.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { didYouMean } from '../diagnostics/nearest.ts'
import { addonFileSchema } from '../schema/addon.ts'
import { clusterFileSchema } from '../schema/cluster.ts'
import { bundledFolder } from '../schema/fields.ts'
import { gatewayFileSchema, imagesFileSchema } from '../schema/gateway.ts'
import { stackFile } from '../schema/infra.ts'
import { modelFileSchema } from '../schema/model.ts'
import { tenantFileSchema } from '../schema/tenant.ts'
import { hashFolder } from './hash-folder.ts'
import { isThere, listClusters, listYaml } from './list-sources.ts'
import { parseJson, parseYaml } from './parse-source.ts'
import { readText } from './read-text.ts'
import type { LoadedModel, Repository } from './repository.ts'
import type { SourceFile } from './source-file.ts'

interface Only {
  models: readonly string[]
  clusters: readonly string[]
}

/** What is wrong in files that could be read stays for validate; `diagnostics` holds what could not be read at all. */
export function loadRepository(root: string, only: Only): { repository: Repository; diagnostics: Diagnostic[] } {
  const reader = new Reader(root)
  const models = loadModels(reader, only.models)
  const repository: Repository = {
    root,
    models,
    tenants: reader.folder('apps/tenants', tenantFileSchema),
    addons: reader.folder('apps/addons', addonFileSchema),
    gateway: reader.required('apps/gateway.yaml', 'the gateway’s settings', gatewayFileSchema),
    images: reader.required('apps/images.yaml', 'the images of gateway and model server', imagesFileSchema),
    clusters: loadClusters(reader, only.clusters),
    bundled: bundledHashes(root, models),
    broken: reader.broken,
    only,
  }
  return { repository, diagnostics: reader.diagnostics }
}

class Reader {
  readonly root: string
  readonly diagnostics: Diagnostic[] = []
  readonly broken = new Set<string>()

  constructor(root: string) {
    this.root = root
  }

  /** Of YAML the schema decides which empty fields are objects; JSON has no empty fields. */
  read(path: string, schema?: TSchema): SourceFile | undefined {
    const text = readText(this.root, path)
    if (typeof text !== 'string') return this.refuse(path, [text])
    this.diagnostics.push(...tokensIn(path, text))
    const { file, diagnostics } = path.endsWith('.json') ? parseJson(path, text) : parseYaml(path, text, schema)
    return file ?? this.refuse(path, diagnostics)
  }

  required(path: string, what: string, schema?: TSchema): SourceFile | undefined {
    if (isThere(this.root, path)) return this.read(path, schema)
    this.diagnostics.push(diagnose('FILE_MISSING', startOf(path), `${path} is not there`, `write it: it holds ${what}`))
    return undefined
  }

  folder(folder: string, schema: TSchema): { name: string; file: SourceFile }[] {
    const { found, diagnostics } = listYaml(this.root, folder)
    this.diagnostics.push(...diagnostics)
    return found.flatMap((name) => {
      const file = this.read(`${folder}/${name}.yaml`, schema)
      return file === undefined ? [] : [{ name, file }]
    })
  }

  private refuse(path: string, diagnostics: readonly Diagnostic[]): undefined {
    this.broken.add(path)
    this.diagnostics.push(...diagnostics)
  }
}

/** User tokens of the Hub start like this; nobody should have to find one in a pull request. */
const hubToken = /hf_[A-Za-z0-9]{30,}/g

function tokensIn(path: string, text: string): Diagnostic[] {
  if (!text.includes('hf_')) return []
  const message = 'a Hugging Face token is here in plain text'
  const hint = 'revoke the token at the Hub, then keep it in Secrets Manager as slipway/CLUSTER/hf-token'
  return text
    .split('\n')
    .flatMap((line, index) =>
      [...line.matchAll(hubToken)].map((match) =>
        diagnose('TOKEN_IN_SOURCE', { file: path, line: index + 1, column: match.index + 1 }, message, hint),
      ),
    )
}

const lockEnding = '.lock.json'

function loadModels(reader: Reader, only: readonly string[]): LoadedModel[] {
  const locks: string[] = []
  const { found, diagnostics } = listYaml(reader.root, 'apps/models', (name) => {
    if (name.endsWith(lockEnding)) locks.push(name.slice(0, -lockEnding.length))
    return name.endsWith(lockEnding)
  })
  const known = new Set(found)
  const orphans = locks.filter((name) => !known.has(name)).map((name) => `apps/models/${name}${lockEnding}`)
  const hint = 'remove it; the lock of a removed model goes with it'
  reader.diagnostics.push(...diagnostics)
  reader.diagnostics.push(
    ...orphans.map((path) =>
      diagnose('FILE_UNEXPECTED', startOf(path), `${path} is a lock without its model file`, hint),
    ),
  )
  reader.diagnostics.push(...unknownNames('--only', only, found, 'apps/models', '.yaml'))
  const wanted = only.length === 0 ? found : found.filter((name) => only.includes(name))
  return wanted.flatMap((name) => {
    const lockPath = `apps/models/${name}${lockEnding}`
    const lock = isThere(reader.root, lockPath) ? reader.read(lockPath) : undefined
    const file = reader.read(`apps/models/${name}.yaml`, modelFileSchema)
    return file === undefined ? [] : [{ name, file, lock }]
  })
}

function loadClusters(reader: Reader, only: readonly string[]): Repository['clusters'] {
  const found = listClusters(reader.root)
  reader.diagnostics.push(...unknownNames('--cluster', only, found, 'clusters', '/cluster.yaml'))
  return found.map((name) => {
    // The names of all clusters are needed to check references; with --cluster the others are not read.
    const lacksStack = isThere(reader.root, 'platform/Pulumi.yaml') && !isThere(reader.root, stackFile(name))
    if (only.length > 0 && !only.includes(name)) return { name, file: undefined, infra: undefined, lacksStack }
    const path = `clusters/${name}/cluster.yaml`
    const file = reader.required(path, 'region, account, GPUs and domain of the cluster', clusterFileSchema)
    const infra = reader.required(
      `clusters/${name}/infra.json`,
      'what the platform program made; copy an example until it has run',
    )
    return { name, file, infra, lacksStack }
  })
}

const unknownNames = (
  option: string,
  asked: readonly string[],
  found: readonly string[],
  folder: string,
  ending: string,
): Diagnostic[] =>
  asked
    .filter((name) => !found.includes(name))
    .map((name) =>
      diagnose(
        'FILE_MISSING',
        startOf(`${folder}/${name}${ending}`),
        `${option} ${name}: there is no such file`,
        `${didYouMean(name, found)}there are: ${found.slice(0, 20).join(', ')}`,
      ),
    )

const namesFolder = new RegExp(`^${bundledFolder}$`)

/** Only folders that the schema lets a model file name. */
function bundledHashes(root: string, models: readonly LoadedModel[]): Map<string, string | undefined> {
  const hashes = new Map<string, string | undefined>()
  for (const { file } of models) {
    const value = file.value
    const folder = typeof value === 'object' && value !== null && 'model' in value ? value.model : undefined
    if (typeof folder !== 'string' || !namesFolder.test(folder)) continue
    if (!hashes.has(folder)) hashes.set(folder, hashFolder(join(root, folder)))
  }
  return hashes
}
