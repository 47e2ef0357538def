// The model file, apps/models/NAME.yaml: which model runs where and how. Every field a user may write is declared here once.
import Type, { type Static } from 'typebox'
import { acceleratorKinds } from './accelerators.ts'
import {
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

export const tasks = [
  'text-generation',
  'image-text-to-text',
  'feature-extraction',
  'sentence-similarity',
  'text-classification',
] as const

export const scalingMetrics = ['runningRequests', 'waitingRequests', 'kvCacheUsage'] as const

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
      count: Type.Optional(Type.Integer({ minimum: 1, maximum: 8, description: 'GPUs per replica; default 1.' })),
      capacity: Type.Optional(
        Type.Array(oneOf(['spot', 'on-demand']), {
          minItems: 1,
          uniqueItems: true,
          description: 'Purchase options the nodes may use; default: on-demand only.',
        }),
      ),
    }),
  ],
  { description: 'The GPU each replica needs: its kind, or an object with kind, count and capacity. None: CPU nodes.' },
)

const scalingSchema = strict(
  {
    minReplicas: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 100, description: 'Fewest replicas; 0 needs idleAfter. Default 1.' }),
    ),
    maxReplicas: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 100, description: 'Most replicas. Default: minReplicas.' }),
    ),
    target: Type.Optional(
      strict(
        {
          metric: oneOf(scalingMetrics, { description: 'Engine metric to scale on.' }),
          value: Type.Number({
            exclusiveMinimum: 0,
            description: 'Value per replica: requests, or for kvCacheUsage a share from 0 to 1.',
          }),
        },
        { description: 'When to add a replica. Default: the engine’s.' },
      ),
    ),
    idleAfter: Type.Optional(duration('Time without requests before the last replica goes; only with minReplicas 0.')),
  },
  { description: 'How many replicas.' },
)

const settings = {
  engine: Type.Optional(engineSchema),
  accelerator: Type.Optional(acceleratorSchema),
  scaling: Type.Optional(scalingSchema),
  task: Type.Optional(oneOf(tasks, { description: 'What the model does; default: the lock’s pipeline tag.' })),
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
  slo: Type.Optional(
    strict(
      {
        timeToFirstTokenSeconds: Type.Optional(
          Type.Number({
            exclusiveMinimum: 0,
            maximum: 600,
            description: 'The gateway waits this long for the first token; default 120.',
          }),
        ),
      },
      { description: 'Service level the gateway enforces.' },
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
      pattern: `^(${bundledFolder}|${hubId})$`,
      maxLength: 200,
      description: 'Hugging Face id, or `./` and the folder of a bundled model.',
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
export type Task = (typeof tasks)[number]
export type ScalingMetric = (typeof scalingMetrics)[number]
export type EngineOptions = Exclude<Static<typeof engineSchema>, string>

/** What a model is in one cluster: base fields with the cluster's patch, short forms written out, defaults filled in. */
export interface ModelSettings {
  model: string
  /** Absent for a bundled model. */
  revision?: string
  bundled: boolean
  engine: EngineOptions & { name: string }
  accelerator?: { type: (typeof acceleratorKinds)[number]; count: number; capacity: ('spot' | 'on-demand')[] }
  scaling: {
    minReplicas: number
    maxReplicas: number
    target?: { metric: ScalingMetric; value: number }
    /** Seconds. */
    idleAfterSeconds?: number
  }
  task: Task
  aliases: string[]
  description?: string
  /** Absent: every tenant. */
  tenants?: string[]
  resources: { cpu?: string; memory?: string }
  env: Record<string, string>
  slo: { timeToFirstTokenSeconds?: number }
  budget?: { maxMonthlyUsd: number }
}
