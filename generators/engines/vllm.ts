// vLLM: generative models on GPUs. What a version accepts was recorded from it by record-vllm.py; digests are those of its tag.
import { keepAliveSeconds, ports } from '../schema/contract.ts'
import type { Engine, EngineInput, EngineInterface, EngineVersion, Recording } from './engine.ts'
import { readFlagUses } from './flag-uses.ts'
import recorded030 from './flags/vllm-0.30.0.json' with { type: 'json' }
import recorded031 from './flags/vllm-0.31.0.json' with { type: 'json' }
import recorded032 from './flags/vllm-0.32.0.json' with { type: 'json' }
import recorded033 from './flags/vllm-0.33.0.json' with { type: 'json' }
import { checkVllmArguments, goneVllmFlags } from './vllm-arguments.ts'
import { vllmHostMemory } from './vllm-host-memory.ts'
import { vllmOpenings } from './vllm-openings.ts'

const repository = 'docker.io/vllm/vllm-openai'

const behaviour: EngineInterface = {
  probes: { startup: '/health', readiness: '/health', liveness: '/health' },
  metrics: {
    runningRequests: { query: 'sum(vllm:num_requests_running{model_name="$MODEL"})' },
    // The plain gauge also counts requests that were put off for other reasons than capacity.
    waitingRequests: { query: 'sum(vllm:num_requests_waiting_by_reason{model_name="$MODEL",reason="capacity"})' },
    kvCacheUsage: { query: 'sum(vllm:kv_cache_usage_perc{model_name="$MODEL"})' },
  },
  latencies: { firstToken: 'vllm:time_to_first_token_seconds', interToken: 'vllm:inter_token_latency_seconds' },
  modelLabel: 'model_name',
  drains: true,
}

/**
 * Formats whose package the image does not have: torchao is neither in requirements/ nor in docker/Dockerfile of these versions.
 * bitsandbytes and GGUF are plug-ins since 0.28, and not in the image either.
 */
const withoutPackage = ['torchao']

/**
 * docker/Dockerfile installs runai-model-streamer[s3,gcs,azure] into the image; the package of PyPI has it as an extra alone. A model that is
 * an s3:// address is read by it (maybe_pull_model_tokenizer_for_runai, vllm/config/model.py).
 */
const stream = {
  flags: ['--load-format=runai_streamer'],
  // Its own bound in bytes; without one it takes what memory the node has.
  environment: { RUNAI_STREAMER_MEMORY_LIMIT: String(2 * 2 ** 30) },
}

/** `digest` is that of the multi-architecture index. CUDA 13 build: nodes need driver 580 or newer. */
function version(
  digest: string | undefined,
  { version: number, flags, bounds, quantization, architectures, environment, metrics }: Recording,
): EngineVersion {
  return {
    version: number,
    image: () => (digest === undefined ? undefined : { repository, tag: `v${number}`, digest }),
    flags,
    bounds,
    quantization: Object.fromEntries(Object.entries(quantization).filter(([word]) => !withoutPackage.includes(word))),
    architectures,
    environment,
    page: metrics,
    // "If unspecified, will use the default value of 0.92" (help text of these versions).
    gpuMemoryUtilization: 0.92,
    ...(flags['--load-format']?.includes('runai_streamer') === true && { stream }),
    ...behaviour,
  }
}

function args({
  name,
  settings,
  modelDirectory,
  streamFlags = [],
  maxModelLen,
  batching,
  drainSeconds,
}: EngineInput): string[] {
  const { engine, accelerator } = settings
  const parallel = engine.tensorParallelSize ?? accelerator?.count ?? 1
  const ownsTokens = readFlagUses(engine.extraArgs ?? []).uses.some(({ flag }) => flag === '--max-num-batched-tokens')
  const set = (flag: string, value: string | number | undefined) => (value === undefined ? [] : [`${flag}=${value}`])
  return [
    modelDirectory,
    ...streamFlags,
    // Shards are divided among the GPUs, so that each is read from S3 once.
    ...(streamFlags.length > 0 && parallel > 1 ? ['--model-loader-extra-config={"distributed":true}'] : []),
    ...set('--served-model-name', name),
    ...set('--port', ports.model.number),
    ...set('--max-model-len', maxModelLen),
    ...set('--dtype', engine.dtype),
    ...set('--quantization', engine.quantization),
    ...set('--kv-cache-dtype', engine.kvCacheDtype),
    ...set('--gpu-memory-utilization', engine.gpuMemoryUtilization),
    // Always said: the engine's own numbers depend on the GPU, and the plan rests on these.
    ...set('--max-num-seqs', batching?.maxNumSeqs ?? engine.maxNumSeqs),
    ...set('--max-num-batched-tokens', ownsTokens ? undefined : batching?.maxNumBatchedTokens),
    ...set('--tensor-parallel-size', parallel === 1 ? undefined : parallel),
    // Default 0 aborts, and was seen to leave open streams hanging in silence.
    ...set('--shutdown-timeout', drainSeconds),
    // The gateway meters every stream, also those whose client did not ask for usage.
    '--enable-force-include-usage',
    '--enable-prompt-tokens-details',
    // Prompts are never logged.
    '--no-enable-log-requests',
    '--disable-access-log-for-endpoints=/health,/metrics,/ping',
    // vLLM fetches any image URL a prompt names; this name never resolves (RFC 6761), so only data: URLs are left.
    '--allowed-media-domains=none.invalid',
    ...(engine.extraArgs ?? []),
  ]
}

/** Encoder–decoders need plug-ins that the image does not have (vllm/model_executor/models/registry.py: `_OOT_SUPPORTED_MODELS`). */
const notText = /^(?:T5|MT5|UMT5|LongT5|Bart|MBart|Whisper|Pegasus|M2M100|Marian|Blip(?!2))|ASR|Realtime|Speech/

const serves = (architecture: string): boolean =>
  !notText.test(architecture) &&
  (/(?:ForCausalLM|LMHeadModel|ForConditionalGeneration)$/.test(architecture) ||
    vllm.versions.some(({ architectures = [] }) => architectures.includes(architecture)))

export const vllm: Engine = {
  name: 'vllm',
  versions: [
    // Their packages are public, so what they accept is recorded; their image's digest is in no public source.
    version(undefined, recorded033 as Recording),
    version(undefined, recorded032 as Recording),
    version('sha256:c1c9f6fd5c109ba7f0546a59f5b2f15fb87f64c77782e90a27b648b42a8e67c3', recorded031 as Recording),
    version('sha256:8a69ffad015f138d7170c4ddc429e230a3bc1c1719f67e14324749df200a4b90', recorded030 as Recording),
  ],
  tasks: ['text-generation', 'image-text-to-text'],
  serves: (_, architecture) => serves(architecture),
  api: 'openai',
  options: [
    'maxModelLen',
    'dtype',
    'quantization',
    'kvCacheDtype',
    'gpuMemoryUtilization',
    'maxNumSeqs',
    'tensorParallelSize',
  ],
  accelerator: 'required',
  hasKvCache: true,
  ownedFlags: [
    ...[
      '--model',
      '--served-model-name',
      '--host',
      '--port',
      '--max-model-len',
      '--dtype',
      '--quantization',
      '--kv-cache-dtype',
    ],
    ...[
      '--gpu-memory-utilization',
      '--device-memory-utilization',
      '--max-num-seqs',
      '--tensor-parallel-size',
      '--shutdown-timeout',
    ],
    ...[
      '--enable-force-include-usage',
      '--no-enable-force-include-usage',
      '--enable-log-requests',
      '--enable-log-outputs',
    ],
    ...[
      '--allowed-media-domains',
      '--allowed-local-media-path',
      '--trust-remote-code',
      '--api-key',
      '--hf-token',
      '--revision',
    ],
    ...['--pipeline-parallel-size', '--data-parallel-size', '--config', '--root-path', '--uds', '--grpc', '--headless'],
  ],
  opens: vllmOpenings,
  goneFlags: goneVllmFlags,
  checkArguments: checkVllmArguments,
  hostMemory: vllmHostMemory,
  command: (input) => ({ command: ['vllm', 'serve'], args: args(input) }),
  environment: (cache) => ({
    HF_HUB_OFFLINE: '1',
    HOME: `${cache}/home`,
    // The user id has no name in the image; Python libraries that ask for one look here first.
    USER: 'vllm',
    VLLM_CACHE_ROOT: `${cache}/vllm`,
    TRITON_CACHE_DIR: `${cache}/triton`,
    TORCHINDUCTOR_CACHE_DIR: `${cache}/inductor`,
    VLLM_NO_USAGE_STATS: '1',
    DO_NOT_TRACK: '1',
    VLLM_MEDIA_URL_ALLOW_REDIRECTS: '0',
    // vLLM's own is 5 s.
    VLLM_HTTP_TIMEOUT_KEEP_ALIVE: String(keepAliveSeconds.engine),
  }),
  // vllm/tracing/otel.py speaks gRPC unless this says otherwise.
  traces: { flag: '--otlp-traces-endpoint', environment: { OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/protobuf' } },
  // Well below the batch at which decoding slows down for everyone on an L4 or L40S.
  defaultTarget: { metric: 'runningRequests', value: 24 },
  // Some repositories carry a second copy of the weights as consolidated.*.
  files: ['*.safetensors', '!consolidated*', '*.json', '*.txt', '*.model', '*.jinja'],
  needsSharedMemory: true,
}
