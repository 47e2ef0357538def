// What opens a vLLM to its callers, to code that nobody reviewed, or to other hosts. Sources: docs/usage/security.md, vllm/envs.py and
// vllm/engine/arg_utils.py of 0.30 to 0.33; a name that a version does not have is refused before.
import type { Opening } from './engine.ts'

const endpoints = 'adds endpoints that the gateway does not guard'
const code = 'runs code that is neither the engine’s nor reviewed here'
const library = 'loads a library from a path of its own'
const network = 'connects the engine with other hosts, without authentication or encryption'
const logs = 'writes prompts or answers into the log'
const requests = 'lets a request change how the server works on it, or end it'
const tools = 'lets the model call tools and run the code that it writes'

const all = (names: readonly string[], what: string, when?: RegExp): [string, Opening][] =>
  names.map((name) => [name, when === undefined ? { what } : { what, when }])

const flags = [
  ...all(['--tool-parser-plugin', '--reasoning-parser-plugin', '--io-processor-plugin', '--middleware'], code),
  ...all(['--logits-processors', '--worker-extension-cls', '--scheduler-cls', '--model-class-overrides'], code),
  ...all(['--worker-cls'], code, /^(?!auto$)/),
  ...all(['--distributed-executor-backend'], code, /^(?!(?:mp|uni)$)/),
  ...all(['--attention-backend'], code, /^CUSTOM$/),
  // Its classes are built as the file says.
  ...all(['--logging-config', '--log-config-file'], code),
  ...all(['--structured-outputs-config'], code, /reasoning_parser_plugin/),
  ...all(['--speculative-config'], code, /custom_class/),
  ...all(['--spec-method'], code, /^custom_class$/),
  ...all(['--tool-server'], tools),
  ...all(['--profiler-config', '--enable-elastic-ep', '--enable-fault-tolerance'], endpoints),
  ...all(['--fault-tolerance-config', '--weight-transfer-config', '--tokens-only', '--enable-scale-out'], endpoints),
  ...all(['--enable-tokenizer-info-endpoint'], 'shows the chat template and the tokenizer’s settings to every caller'),
  ...all(['--trust-request-chat-template', '--trust-request-mm-kwargs', '--enable-trace-replay'], requests),
  ...all(['--enable-prompt-embeds', '--enable-mm-embeds'], requests),
  ...all(['--kv-transfer-config'], network, /^(?!.*"kv_connector"\s*:\s*"OffloadingConnector")|module_path|tier/s),
  ...all(['--ec-transfer-config', '--kv-events-config', '--otlp-traces-endpoint', '--grpc-port'], network),
  ...all(['--nnodes', '--node-rank', '--master-addr', '--master-port', '--data-parallel-address'], network),
  ...all(['--data-parallel-rpc-port', '--data-parallel-supervisor-port'], network),
  ...all(['--data-parallel-backend'], network, /^ray$/),
]

const none = /^\s*0*\s*$/
const noLimit = 'takes away the limit on what one request may cost'

const variables = [
  ...all(['VLLM_SERVER_DEV_MODE', 'VLLM_ALLOW_RUNTIME_LORA_UPDATING', 'VLLM_ENABLE_COHERE_API'], endpoints),
  // Of earlier versions; --profiler-config since then.
  ...all(['VLLM_TORCH_PROFILER_DIR', 'VLLM_TORCH_CUDA_PROFILE'], endpoints),
  ...all(['VLLM_ALLOW_INSECURE_SERIALIZATION', 'VLLM_PLUGINS', 'VLLM_LOGGING_CONFIG_PATH'], code),
  ...all(['VLLM_USE_RUST_FRONTEND', 'VLLM_RUST_FRONTEND_PATH'], code),
  ...all(['VLLM_MEDIA_CONNECTOR'], code, /^(?!http$)/),
  ...all(
    ['VLLM_NCCL_SO_PATH', 'VLLM_CUDART_SO_PATH', 'VLLM_NCCL_INCLUDE_PATH', 'VLLM_CUDA_COMPATIBILITY_PATH'],
    library,
  ),
  ...all(
    ['VLLM_USE_MODELSCOPE', 'VLLM_MODEL_REDIRECT_PATH'],
    'takes the weights from another place than the lock says',
  ),
  ...all(['VLLM_LORA_RESOLVER_CACHE_DIR', 'VLLM_LORA_RESOLVER_HF_REPO_LIST'], requests),
  ...all(['VLLM_SKIP_MODEL_NAME_VALIDATION', 'VLLM_ENABLE_RESPONSES_API_STORE'], requests),
  ...all(['VLLM_GPT_OSS_SYSTEM_TOOL_MCP_LABELS'], tools),
  ...all(['VLLM_DEBUG_LOG_API_SERVER_RESPONSE', 'VLLM_REQUEST_BODY_LOG_LEVEL', 'VLLM_TRACE_FUNCTION'], logs),
  ...all(['VLLM_MEDIA_CACHE'], 'keeps what requests bring in files'),
  ...all(['VLLM_API_KEY'], 'is a secret, which would be in Git, and refuses the gateway, which sends none'),
  ...all(['VLLM_HOST_IP', 'VLLM_LOOPBACK_IP', 'VLLM_DP_MASTER_IP', 'VLLM_NIXL_SIDE_CHANNEL_HOST'], network),
  ...all(['VLLM_P2P_SIDE_CHANNEL_HOST', 'VLLM_EC_SIDE_CHANNEL_HOST', 'VLLM_USAGE_STATS_SERVER'], network),
  ...all(['VLLM_RAY_EXTRA_ENV_VARS_TO_COPY', 'VLLM_RAY_EXTRA_ENV_VAR_PREFIXES_TO_COPY'], network),
  ...all(['VLLM_MAX_MEDIA_DOWNLOAD_SIZE_MB', 'VLLM_MAX_MEDIA_REQUEST_DOWNLOAD_SIZE_MB'], noLimit, none),
  ...all(
    ['VLLM_MAX_MEDIA_REQUEST_DECODE_BYTES', 'VLLM_MAX_IMAGE_PIXELS', 'VLLM_MAX_EMBED_DECODE_BYTES'],
    noLimit,
    none,
  ),
  ...all(['VLLM_MAX_AUDIO_CLIP_FILESIZE_MB', 'VLLM_MAX_AUDIO_DECODE_BYTES'], noLimit, none),
  ...all(['VLLM_MAX_AUDIO_DECODE_DURATION_S', 'VLLM_HTTP_MAX_REQUEST_BODY_SIZE'], noLimit, none),
]

export const vllmOpenings: Readonly<Record<string, Opening>> = Object.fromEntries([...flags, ...variables])
