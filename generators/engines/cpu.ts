// cpu: our own OpenAI-compatible server on onnxruntime (model-server/), for small models and for a laptop.
import { ports } from '../schema/contract.ts'
import type { Task } from '../schema/tasks.ts'
import type { Engine, EngineInput, EngineInterface, Flags, MetricTable } from './engine.ts'
import flags from './flags/cpu-0.1.0.json' with { type: 'json' }
import page from './pages/cpu-0.1.0.json' with { type: 'json' }

const behaviour: EngineInterface = {
  probes: { startup: '/health', readiness: '/health', liveness: '/health' },
  // It speaks vLLM's metric names, so dashboards and scaling can be tried on a laptop.
  metrics: {
    runningRequests: { query: 'sum(vllm:num_requests_running{model_name="$MODEL"})' },
    waitingRequests: { query: 'sum(vllm:num_requests_waiting{model_name="$MODEL"})' },
    kvCacheUsage: { query: 'sum(vllm:kv_cache_usage_perc{model_name="$MODEL"})' },
  },
  latencies: { firstToken: 'vllm:time_to_first_token_seconds', interToken: 'vllm:inter_token_latency_seconds' },
  modelLabel: 'model_name',
  drains: true,
}

const args = ({ name, settings, modelDirectory, maxModelLen, drainSeconds }: EngineInput): string[] => [
  'serve',
  `--model-dir=${modelDirectory}`,
  `--served-model-name=${name}`,
  `--port=${ports.model.number}`,
  `--max-model-len=${maxModelLen}`,
  `--shutdown-timeout=${drainSeconds}`,
  ...(settings.engine.extraArgs ?? []),
]

/** ONNX files of every architecture have the same inputs and outputs. */
const architectures: Partial<Record<Task, RegExp>> = {
  'text-generation': /(?:ForCausalLM|LMHeadModel)$/,
  'feature-extraction': /(?:Model|ForMaskedLM)$/,
  'sentence-similarity': /(?:Model|ForMaskedLM)$/,
  'text-classification': /ForSequenceClassification$/,
}

export const cpu: Engine = {
  name: 'cpu',
  versions: [
    { version: '0.1.0', image: () => 'modelServer', flags: flags as Flags, page: page as MetricTable, ...behaviour },
  ],
  tasks: ['text-generation', 'feature-extraction', 'sentence-similarity', 'text-classification'],
  serves: (task, architecture) => architectures[task]?.test(architecture) === true,
  api: 'openai',
  options: ['maxModelLen'],
  accelerator: 'none',
  hasKvCache: false,
  ownedFlags: ['--model-dir', '--served-model-name', '--host', '--port', '--max-model-len', '--shutdown-timeout'],
  // The image's entrypoint is the model-server program.
  command: (input) => ({ command: [], args: args(input) }),
  environment: (cache) => ({ HF_HUB_OFFLINE: '1', HOME: `${cache}/home` }),
  // One request keeps a core busy; a second one waits hardly longer.
  defaultTarget: { metric: 'runningRequests', value: 2 },
  files: ['onnx/*', '*.json', '*.txt', '*.jinja'],
  needsSharedMemory: false,
}
