// A temporary repository with N models, made from one sample model; its cluster is a sample, its add-ons and images are real.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const samples = join(root, 'test/sample')
const cluster = 'prod'
/** Autoscaled on a GPU, so it becomes the most objects: five in its folder and its Application. */
const sample = 'gpt2'

const modelName = (index: number): string => `bench-${String(index).padStart(4, '0')}`

export interface ModelRepository {
  folder: string
  remove(): void
}

export function makeModelRepository(models: number): ModelRepository {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-bench-'))
  for (const path of ['apps/addons', 'apps/images.yaml'])
    cpSync(join(root, path), join(folder, path), { recursive: true })
  for (const path of ['apps/gateway.yaml', `clusters/${cluster}/infra.json`])
    cpSync(join(samples, path), join(folder, path), { recursive: true })
  mkdirSync(join(folder, 'apps/models'))
  // Tenants may name models of the catalogue that are not here.
  mkdirSync(join(folder, 'apps/tenants'))
  writeFileSync(
    join(folder, 'apps/tenants/bench.yaml'),
    'claims: { client_id: bench }\nlimits: { requestsPerMinute: 60, tokensPerMinute: 10000, concurrency: 4 }\n',
  )
  const clusterFile = readFileSync(join(samples, `clusters/${cluster}/cluster.yaml`), 'utf8')
  writeFileSync(join(folder, `clusters/${cluster}/cluster.yaml`), clusterFile.replace(/l4: \d+/, 'l4: 10000'))
  const lock = readFileSync(join(samples, `apps/models/${sample}.lock.json`), 'utf8')
  for (let index = 0; index < models; index += 1) {
    writeModel(folder, index, 3)
    writeFileSync(join(folder, `apps/models/${modelName(index)}.lock.json`), lock)
  }
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** Writes model file number `index`; another `maxReplicas` is the one-model change that is measured. */
export function writeModel(folder: string, index: number, maxReplicas: number): string {
  const name = modelName(index)
  const lock = JSON.parse(readFileSync(join(samples, `apps/models/${sample}.lock.json`), 'utf8')) as {
    id: string
    revision: string
  }
  writeFileSync(
    join(folder, `apps/models/${name}.yaml`),
    `# yaml-language-server: $schema=../../schemas/model.schema.json
model: ${lock.id}
revision: ${lock.revision}
engine: vllm
accelerator: l4
description: Model number ${index} of a benchmark.
scaling: { minReplicas: 1, maxReplicas: ${maxReplicas} }
clusters:
  ${cluster}: {}
`,
  )
  return name
}
