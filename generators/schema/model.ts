// The model file, apps/models/NAME.yaml: which model runs where and how. Every field a user may write is declared here once.

import Type, { type Static } from 'typebox'
import { acceleratorKinds } from './accelerators.ts'
import {
  bucketFolder,
  bundledFolder,
  commit,
  cpuQuantity,
  dnsLabel,
  duration,
  hubId,
  mapOf,
  memoryQuantity,
  namePattern,
  oneOf,
  patchOf,
  strict,
} from './fields.ts'
import { modelDefaults } from './model-defaults.ts'
import { type CapacityType, capacityTypes } from './reservations.ts'
import { type Scaling, scalingSchema } from './scaling.ts'
import { type Slo, sloSchema } from './slo.ts'
import { type Smoke, smokeSchema } from './smoke.ts'
import { type Task, taskField } from './tasks.ts'

const engineOptions = {
  version: Type.Optional(
    Type.String({
      description: 'Version of the engine; default: the newest one with a known image.',
      examples: ['0.31.0'],
    }),
  ),
  maxModelLen: Type.Optional(
    Type.Integer({
      minimum: 1,
      description: 'Longest prompt plus answer, in tokens; default: what the model was made for.',
    }),
  ),
  dtype: Type.Optional(
    oneOf(['auto', 'bfloat16', 'float16', 'float32'], {
      description: 'Number format of weights and activations; default: auto.',
    }),
  ),
  quantization: Type.Optional(
    oneOf(['fp8', 'awq', 'gptq', 'mxfp4'], { description: 'Weight quantization; `fp8` quantizes while loading.' }),
  ),
  kvCacheDtype: Type.Optional(
    oneOf(['auto', 'fp8'], { description: 'Number format of the KV cache; `fp8` halves it. Default: auto, as dtype.' }),
  ),
  gpuMemoryUtilization: Type.Optional(
    Type.Number({
      minimum: 0.1,
      maximum: 0.99,
      description: 'Share of GPU memory the engine may take; default: the engine version’s own.',
    }),
  ),
  maxNumSeqs: Type.Optional(Type.Integer({ minimum: 1, maximum: 4096, description: 'Most requests in one batch.' })),
  tensorParallelSize: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 8,
      description: 'GPUs that share one copy of the model; default: accelerator.count.',
    }),
  ),
  extraArgs: Type.Optional(
    Type.Array(Type.String({ minLength: 1 }), {
      description: 'Further command-line flags of the engine, checked against that version’s own list.',
      examples: [['--enable-auto-tool-choice', '--tool-call-parser=hermes']],
    }),
  ),
}

const engineName = dnsLabel(40, 'Name of the engine.')

export const engineSchema = Type.Union([engineName, strict({ name: Type.Optional(engineName), ...engineOptions })], {
  description: 'The model server program: its name, or an object with name and options.',
})

const acceleratorKind = oneOf(acceleratorKinds, { description: 'GPU kind.' })

export const acceleratorSchema = Type.Union(
  [
    acceleratorKind,
    strict({
      type: Type.Optional(acceleratorKind),
      count: Type.Optional(
        Type.Integer({
          minimum: 1,
          maximum: 8,
          description: `GPUs per replica; default ${modelDefaults.accelerator.count}.`,
        }),
      ),
      capacity: Type.Optional(
        Type.Array(oneOf(capacityTypes), {
          minItems: 1,
          uniqueItems: true,
          description: `Ways to buy the nodes, in the order in which Karpenter tries them: reserved, spot, on-demand; default: ${modelDefaults.accelerator.capacity.join()} only.`,
        }),
      ),
    }),
  ],
  { description: 'The GPU each replica needs: its kind, or an object with kind, count and capacity. None: CPU nodes.' },
)

const settings = {
  engine: Type.Optional(engineSchema),
  accelerator: Type.Optional(acceleratorSchema),
  scaling: Type.Optional(scalingSchema),
  task: Type.Optional(taskField),
  aliases: Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 96, pattern: '^[A-Za-z0-9][A-Za-z0-9._/-]*$' }), {
      uniqueItems: true,
      description: 'Further names that clients may send as `model`.',
      examples: [['gpt-2']],
    }),
  ),
  description: Type.Optional(Type.String({ maxLength: 300, description: 'One sentence for people.' })),
  access: Type.Optional(
    strict(
      {
        tenants: Type.Array(dnsLabel(40, 'Tenant name.'), {
          minItems: 1,
          uniqueItems: true,
          description: 'Tenants that may use it; default: all.',
        }),
      },
      { description: 'Who may use the model.' },
    ),
  ),
  resources: Type.Optional(
    strict(
      {
        cpu: Type.Optional(
          cpuQuantity('CPU request of one replica; default: half a core, or one per GPU and one more.'),
        ),
        memory: Type.Optional(memoryQuantity('Memory limit of one replica; default: derived from the weights.')),
      },
      { description: 'What one replica needs beside its GPUs.' },
    ),
  ),
  env: Type.Optional(
    mapOf('^[A-Z][A-Z0-9_]*$', Type.String(), {
      description: 'Environment variables of the engine. Never a token: it would be in Git.',
      examples: [{ VLLM_LOGGING_LEVEL: 'WARNING' }],
    }),
  ),
  slo: sloSchema,
  smoke: smokeSchema,
  timeouts: Type.Optional(
    strict(
      {
        firstToken: Type.Optional(
          duration(
            `How long the gateway waits for the first token before it gives up; at most 10m, default ${modelDefaults.timeouts.firstTokenSeconds}s.`,
          ),
        ),
      },
      { description: 'When the gateway gives a request up.' },
    ),
  ),
  weights: Type.Optional(
    strict(
      {
        load: oneOf(['copy', 'stream'], {
          description: `copy: weights lie on the node’s disk before the engine starts; stream: the engine reads them from S3 into GPU memory. Default ${modelDefaults.weights.load}.`,
        }),
      },
      { description: 'How a pod loads its weights.' },
    ),
  ),
  budget: Type.Optional(
    strict(
      {
        maxMonthlyUsd: Type.Number({
          exclusiveMinimum: 0,
          description: 'Most US dollars a month with all replicas running, per cluster.',
        }),
      },
      { description: 'Cost limit, checked by synth.' },
    ),
  ),
}

export const modelFileSchema = strict(
  {
    model: Type.String({
      pattern: `^(${bundledFolder}|${hubId}|${bucketFolder})$`,
      maxLength: 200,
      description:
        'Hugging Face id, or `./` and the folder of a bundled model, or s3://BUCKET/FOLDER of a bucket of your own.',
      examples: ['openai-community/gpt2'],
    }),
    revision: Type.Optional(commit('Commit of the model repository, 40 hexadecimal digits. Not for a bundled model.')),
    ...settings,
    clusters: mapOf(
      namePattern,
      patchOf({
        revision: Type.Optional(commit('Another revision in this cluster; needs that revision’s lock.')),
        ...settings,
      }),
      {
        description: 'Clusters it runs in; each may change fields from above (JSON merge patch, null removes a field).',
      },
    ),
  },
  { title: 'Slipway model file' },
)

export type ModelFile = Static<typeof modelFileSchema>
export type EngineOptions = Exclude<Static<typeof engineSchema>, string>

/** What a model is in one cluster: base fields with the cluster's patch, short forms written out, defaults filled in. */
export interface ModelSettings extends Pick<ModelFile, 'model' | 'revision' | 'description' | 'budget'> {
  bundled: boolean
  engine: EngineOptions & { name: string }
  accelerator?: { type: (typeof acceleratorKinds)[number]; count: number; capacity: CapacityType[] }
  scaling: Scaling
  task: Task
  aliases: string[]
  /** Absent: every tenant. */
  tenants?: string[]
  resources: NonNullable<ModelFile['resources']>
  env: NonNullable<ModelFile['env']>
  slo: Slo
  smoke: Smoke
  timeouts: { firstTokenSeconds?: number }
  /** Where a pod gets its weights from: its image, the Hub, the cluster’s bucket. Undefined outside of a cluster. */
  weights?: { source: 'image' | 'hub' | 's3'; load: NonNullable<ModelFile['weights']>['load'] }
}
