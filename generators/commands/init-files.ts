// Every file that `npm run init` writes or removes, as texts: the new clusters, and the samples that stay, as they run there.

import { UsageError } from '../command-line/command.ts'
import type { Repository } from '../load/repository.ts'
import type { SourceFile } from '../load/source-file.ts'
import { accelerators } from '../schema/accelerators.ts'
import { clientsOf, kindOf } from '../schema/oidc.ts'
import { regions } from '../schema/regions.ts'
import type { Answers, ClusterAnswer } from './init-answers.ts'
import { clusterText, infraText, type Limits } from './init-cluster.ts'
import { editYaml, editYamlMap } from './yaml-edit.ts'

/** `undefined` removes the file, or the folder of a cluster. */
export type Files = Map<string, string | undefined>

export interface Made {
  files: Files
  /** Models that stay. */
  models: string[]
  /** What somebody who kept a sample would not expect. */
  notes: string[]
}

type Fields = Record<string, unknown>

const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {})

/** The sample cluster of each environment, whose patches a new cluster of it takes over. */
const templateOf = ({ clusters }: Repository, environment: string): string | undefined =>
  (clusters.find(({ file }) => fieldsOf(file?.value).environment === environment) ?? clusters[0])?.name

/** @param texts of the sample files, with their comments */
export function initFiles(
  repository: Repository,
  texts: ReadonlyMap<string, string>,
  answers: Answers,
  explicit: boolean,
): Made {
  const files: Files = new Map()
  const notes: string[] = []
  for (const { name } of repository.clusters)
    if (!answers.clusters.some((one) => one.name === name)) files.set(`clusters/${name}`, undefined)
  const models = keptModels(repository, answers, explicit, notes)
  for (const { name, file } of repository.models) {
    const patches = models.get(name)
    if (patches === undefined)
      for (const path of [file.path, `apps/models/${name}.lock.json`]) files.set(path, undefined)
    else files.set(file.path, modelText(texts.get(file.path) ?? '', file, patches, answers, notes))
  }
  for (const { name, file } of repository.tenants)
    files.set(
      file.path,
      answers.tenants.includes(name)
        ? tenantText(texts.get(file.path) ?? '', file, [...models.keys()], answers)
        : undefined,
    )
  const gateway = repository.gateway
  if (gateway !== undefined)
    files.set(gateway.path, gatewayText(texts.get(gateway.path) ?? '', gateway, repository, answers))
  for (const [index, cluster] of answers.clusters.entries()) {
    files.set(
      `clusters/${cluster.name}/cluster.yaml`,
      clusterText(cluster, index, answers, limitsOf(repository, cluster, models)),
    )
    files.set(`clusters/${cluster.name}/infra.json`, infraText(cluster, index, versionOf(repository)))
  }
  return { files, models: [...models.keys()], notes }
}

const versionOf = ({ clusters }: Repository): string =>
  String(fieldsOf(clusters[0]?.infra?.value).kubernetesVersion ?? '1.35')

/** By model: its patch in each new cluster. A model is left out where its GPU is not sold, and where its sample did not run. */
function keptModels(
  repository: Repository,
  { clusters, models }: Answers,
  explicit: boolean,
  notes: string[],
): Map<string, Map<string, Fields>> {
  const kept = new Map<string, Map<string, Fields>>()
  for (const { name, file } of repository.models.filter((one) => models.includes(one.name))) {
    const base = fieldsOf(file.value)
    const old = fieldsOf(base.clusters)
    const wanted = clusters.filter(({ environment }) => Object.hasOwn(old, templateOf(repository, environment) ?? ''))
    // Somebody who names a model wants it somewhere.
    const places = wanted.length > 0 || !explicit ? wanted : clusters
    const sold = places.filter((cluster) =>
      isSold(base, fieldsOf(old[templateOf(repository, cluster.environment) ?? '']), cluster),
    )
    for (const { name: cluster, region } of places.filter((one) => !sold.includes(one)))
      notes.push(`${name} is left out of ${cluster}: its GPU is not for sale in ${region}`)
    if (sold.length > 0)
      kept.set(
        name,
        new Map(
          sold.map((cluster) => [cluster.name, fieldsOf(old[templateOf(repository, cluster.environment) ?? ''])]),
        ),
      )
    else if (explicit)
      throw new UsageError(
        `--model ${name}: its GPU is not for sale in ${[...new Set(places.map(({ region }) => region))].join(', ')}`,
      )
    else if (places.length === 0) notes.push(`${name} goes: its sample runs in no cluster of these environments`)
    else notes.push(`${name} goes`)
  }
  return kept
}

const gpuOf = (base: Fields, patch: Fields): string | undefined => {
  const value = patch.accelerator ?? base.accelerator
  if (typeof value === 'string') return value
  const type =
    fieldsOf(value).type ?? (typeof base.accelerator === 'string' ? base.accelerator : fieldsOf(base.accelerator).type)
  return typeof type === 'string' ? type : undefined
}

function isSold(base: Fields, patch: Fields, { region }: ClusterAnswer): boolean {
  const kind = gpuOf(base, patch)
  return kind === undefined || regions[region]?.accelerators.some((sold) => sold === kind) === true
}

/** As many GPUs as the sample cluster has; of a kind that it has not, two nodes’ worth. */
function limitsOf(
  repository: Repository,
  cluster: ClusterAnswer,
  models: ReadonlyMap<string, ReadonlyMap<string, Fields>>,
): Limits {
  const maxGpus: Limits['maxGpus'] = {}
  for (const { name, file } of repository.models) {
    const patch = models.get(name)?.get(cluster.name)
    const kind = patch && gpuOf(fieldsOf(file.value), patch)
    if (kind === undefined) continue
    const most = repository.clusters.map((one) =>
      Number(fieldsOf(fieldsOf(fieldsOf(one.file?.value).gpu).maxGpus)[kind] ?? 0),
    )
    maxGpus[kind] = Math.max(Object.hasOwn(accelerators, kind) ? 16 : 0, ...most)
  }
  return { maxGpus }
}

function modelText(
  text: string,
  { value }: SourceFile,
  patches: ReadonlyMap<string, Fields>,
  { tenants }: Answers,
  notes: string[],
): string {
  const placed = editYamlMap(text, 'clusters', [...patches])
  const allowed = fieldsOf(fieldsOf(value).access).tenants
  if (!Array.isArray(allowed)) return placed
  const left = allowed.filter((tenant) => tenants.includes(String(tenant)))
  if (left.length > 0) return editYaml(placed, ['access', 'tenants'], left)
  notes.push(
    `${String(fieldsOf(value).model)} was for ${allowed.join(', ')} alone and is open to every tenant now: set access.tenants`,
  )
  return editYaml(placed, ['access'], undefined)
}

function tenantText(text: string, { value }: SourceFile, models: readonly string[], { issuer }: Answers): string {
  const { models: named, claims } = fieldsOf(value)
  const left = Array.isArray(named) ? named.filter((model) => models.includes(String(model))) : []
  const limited = Array.isArray(named) ? editYaml(text, ['models'], left.length > 0 ? left : undefined) : text
  const [claim = ''] = clientsOf({ kind: issuer.kind, issuer: issuer.url })
  const client = fieldsOf(claims).client_id
  if (client === undefined || claim === 'client_id') return limited
  const { sampleClient = String } = kindOf(issuer)
  const ids = Array.isArray(client) ? client.map((id) => sampleClient(String(id))) : sampleClient(String(client))
  return editYaml(limited, ['claims'], { [claim]: ids })
}

function gatewayText(text: string, { value }: SourceFile, repository: Repository, { clusters }: Answers): string {
  const old = fieldsOf(fieldsOf(value).clusters)
  const patches = clusters.flatMap(({ name, environment }) => {
    const patch = old[templateOf(repository, environment) ?? '']
    return patch === undefined ? [] : [[name, patch] as const]
  })
  return patches.length === 0 ? editYaml(text, ['clusters'], undefined) : editYamlMap(text, 'clusters', patches)
}
