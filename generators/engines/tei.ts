// text-embeddings-inference: embeddings and rerankers. One image per compute capability; flags from cli_arguments.md of 1.9.3.
import { type AcceleratorKind, accelerators } from '../schema/accelerators.ts'
import { ports } from '../schema/contract.ts'
import type { Engine, EngineInput, EngineInterface, EngineVersion, Flags, MetricTable } from './engine.ts'
import flags19 from './flags/tei-1.9.json' with { type: 'json' }

/** Those of router/src/prometheus.rs and core/src/queue.rs of 1.9 that are read here. */
const page: MetricTable = { te_queue_size: { labels: [] } }

type Build = { tag: string; digest: string }

const behaviour: EngineInterface = {
  probes: { startup: '/health', readiness: '/health', liveness: '/health' },
  // Its series carry no model; the PodMonitor copies the pod's app.kubernetes.io/name into the label `model`.
  metrics: { waitingRequests: { query: 'sum(te_queue_size{model="$MODEL"})' } },
  drains: false,
}

/** Key: compute capability, or `cpu`. */
function version(number: string, builds: Record<string, Build>): EngineVersion {
  return {
    version: number,
    image(accelerator: AcceleratorKind | undefined) {
      const build = builds[accelerator === undefined ? 'cpu' : accelerators[accelerator].computeCapability]
      return build === undefined ? undefined : { repository: 'ghcr.io/huggingface/text-embeddings-inference', ...build }
    },
    flags: flags19 as Flags,
    // It loads numbers as they are, and no packed format (backends/candle/src/lib.rs).
    quantization: {},
    page,
    ...behaviour,
  }
}

const args = ({ name, settings, modelDirectory }: EngineInput): string[] => [
  `--model-id=${modelDirectory}`,
  `--served-model-name=${name}`,
  '--hostname=0.0.0.0',
  `--port=${ports.model.number}`,
  ...(settings.engine.dtype === undefined ? [] : [`--dtype=${settings.engine.dtype}`]),
  // Default true cuts long input without a word; a caller should hear about it.
  '--auto-truncate=false',
  '--json-output',
  // Spans would name the input.
  '--disable-spans',
  ...(settings.engine.extraArgs ?? []),
]

/** `Config` of backends/candle/src/lib.rs; which of them have a classifier is in backends/candle/src/models. */
const encoders = 'Bert|Roberta|XLMRoberta|Camembert|DistilBert|DebertaV2|ModernBert|JinaBert|New|Gte|GTE'
const decoders = 'MPNet|NomicBert|Mistral|Qwen2|Qwen3|Gemma3|Gemma3Text|Llama|LlamaBidirectional'
const classifiers = new RegExp(`^(?:${encoders})ForSequenceClassification$`)
const embedders = new RegExp(`^(?:${encoders}|${decoders})(?:Model|ForMaskedLM|ForCausalLM|ForTokenClassification)$`)

export const tei: Engine = {
  name: 'tei',
  versions: [
    version('1.9.4', {
      cpu: { tag: 'cpu-1.9.4', digest: 'sha256:2538ea1c9640d3763b15af668039d24172d063b42337b0c27796fc2be180c78d' },
    }),
    version('1.9.3', {
      '8.9': { tag: '89-1.9.3', digest: 'sha256:e47e625ced2385d3dbfdee79ba0380204578e0b27ef1a926783f9b3486aaf109' },
      '8.6': { tag: '86-1.9.3', digest: 'sha256:a7d82dfef16c3bf1a95e93f5b226f358312512dbb0d585b48c3cf886f9d470a9' },
      '8.0': { tag: '1.9.3', digest: 'sha256:536efce2a0dc0acd0336d683ef1b81fcf900f76c8fb850e25a6d48a54a97df91' },
    }),
  ],
  tasks: ['feature-extraction', 'sentence-similarity', 'text-classification'],
  serves: (task, architecture) => (task === 'text-classification' ? classifiers : embedders).test(architecture),
  api: 'tei',
  options: ['dtype'],
  accelerator: 'optional',
  hasKvCache: false,
  ownedFlags: [
    '--model-id',
    '--served-model-name',
    '--hostname',
    '--port',
    '--dtype',
    '--auto-truncate',
    '--json-output',
    '--hf-token',
    '--api-key',
    '--revision',
    '--uds-path',
  ],
  // cli_arguments.md: each flag names its variable.
  flagsAreVariables: true,
  opens: Object.fromEntries(
    ['--otlp-endpoint', 'OTLP_ENDPOINT'].map((name) => [
      name,
      { what: 'sends spans, which name the input, to another host' },
    ]),
  ),
  // Not the image's start script: it misreads nvidia-smi from driver 610 on.
  command: (input) => ({ command: ['text-embeddings-router'], args: args(input) }),
  environment: (cache) => ({ HF_HUB_OFFLINE: '1', HOME: `${cache}/home`, HUGGINGFACE_HUB_CACHE: `${cache}/hub` }),
  defaultTarget: { metric: 'waitingRequests', value: 16 },
  files: ['*.safetensors', '*.json', '*.txt', '*.model', '1_Pooling/*', '2_Dense/*'],
  needsSharedMemory: false,
}
