// A start-up log of vLLM: with which arguments it began, and what it said of weights and cache, or why it gave up. The lines are those of
// vLLM 0.9 to 0.32: v1/worker/gpu_worker.py, v1/worker/gpu_model_runner.py, v1/core/kv_cache_utils.py, config/compilation.py.
import { stripVTControlCharacters } from 'node:util'

export interface StartLog {
  version?: string
  /** As in the log: a name of the Hub or a folder. */
  model?: string
  servedNames: string[]
  maxModelLen?: number
  tensorParallel: number
  utilization?: number
  maxNumSeqs?: number
  maxNumBatchedTokens?: number
  kvCacheDtype?: string
  quantization?: string
  dtype?: string
  enforceEager: boolean
  loadingGib?: number
  kvGib?: number
  kvTokens?: number
  concurrency?: number
  neededGib?: number
  /** The engine's own sentence; undefined: it started. */
  failure?: string
}

/** Why a text is no such log, in words for the person who gave it. */
export class LogProblem extends Error {
  override name = 'LogProblem'
}

const failures = [
  /No available memory for the cache blocks/,
  /To serve at least one request with the models?'s max seq len[^\n]*/,
  /max_num_seqs \(\d+\) exceeds available Mamba cache blocks[^\n]*/,
  /(?:torch\.)?(?:cuda\.)?OutOfMemoryError: CUDA out of memory[^\n]*/,
  /CUDA out of memory occurred when warming up sampler[^\n]*/,
]

const numbersOf = (text: string, pattern: RegExp): number[] =>
  [...text.matchAll(new RegExp(pattern, 'g'))].map((match) => Number((match[1] ?? '').replaceAll(',', '')))

/** Every worker says its own; the engine goes by the smallest. */
const least = (values: readonly number[]): number | undefined =>
  values.length === 0 ? undefined : values.reduce((a, b) => Math.min(a, b))

/** One argument of the line of all that were set, which is written as Python would. */
function argument(line: string, name: string): string | undefined {
  const value = new RegExp(`'${name}': (?:'([^']*)'|\\['([^']*)'|([\\w.+-]+))`).exec(line)
  return value?.[1] ?? value?.[2] ?? value?.[3]
}

const numeric = (text: string | undefined): number | undefined =>
  text === undefined || !Number.isFinite(Number(text)) ? undefined : Number(text)

/** Throws a LogProblem. A file that holds several starts is read from the last one on. */
export function readLog(file: string): StartLog {
  const whole = stripVTControlCharacters(file)
  const start = Math.max(0, whole.lastIndexOf('non-default args:'))
  const text = whole.slice(start)
  const line = /non-default args: ([^\n]*)/.exec(text)?.[1] ?? ''
  const set = (name: string): string | undefined => argument(line, name)
  const log: StartLog = {
    version: /version 0\.\d+\.\d+|LLM engine \(v(0\.\d+\.\d+)/.exec(whole)?.[0].replace(/^.*?0\./, '0.'),
    model: set('model_tag') ?? set('model') ?? /LLM engine [^\n]*model='([^']+)'/.exec(text)?.[1],
    servedNames: [set('served_model_name')].filter((name) => name !== undefined),
    maxModelLen: numeric(set('max_model_len')) ?? least(numbersOf(text, /Using max model len ([\d,]+)/)),
    tensorParallel: numeric(set('tensor_parallel_size')) ?? least(numbersOf(text, /tensor_parallel_size=(\d+)/)) ?? 1,
    utilization:
      numeric(set('gpu_memory_utilization')) ?? least(numbersOf(text, /--gpu-memory-utilization=([\d.]+\d) is/)),
    maxNumSeqs: numeric(set('max_num_seqs')),
    maxNumBatchedTokens:
      numeric(set('max_num_batched_tokens')) ?? least(numbersOf(text, /max_num_batched_tokens=(\d+)/)),
    kvCacheDtype: set('kv_cache_dtype'),
    quantization: set('quantization'),
    dtype: set('dtype'),
    enforceEager: set('enforce_eager') === 'True',
    loadingGib: least(numbersOf(text, /Model loading took ([\d.]+\d) (?:GiB|GB)/)),
    kvGib: least(numbersOf(text, /Available KV cache memory: (-?[\d.]*\d) GiB/)),
    kvTokens: least(numbersOf(text, /GPU KV cache size: ([\d,]+) tokens/)),
    concurrency: least(numbersOf(text, /Maximum concurrency for [\d,]+ tokens per request: ([\d.]+\d)x/)),
    neededGib: least(numbersOf(text, /\(([\d.]+\d) GiB KV cache is needed/)),
    failure: failures.map((pattern) => pattern.exec(text)?.[0]).find((found) => found !== undefined),
  }
  if (log.kvGib === undefined && log.kvTokens === undefined && log.failure === undefined) throw notALog(whole)
  return log
}

function notALog(text: string): LogProblem {
  if (/CPU KV cache size/.test(text)) return new LogProblem('is a log of vLLM on a CPU, which divides no GPU memory')
  if (/# GPU blocks|Memory profiling takes/.test(text))
    return new LogProblem('is a log of vLLM’s old engine (V0); the planner knows the one since 0.9')
  if (/vllm|vLLM/.test(text))
    return new LogProblem('ends before the engine says “Available KV cache memory” or why it gives up')
  return new LogProblem('is no start-up log of vLLM: no line says “Available KV cache memory” or “GPU KV cache size”')
}

/** Of vLLM: 0.9 until 0.23, 0.92 since. */
export function utilizationOf({ utilization, version }: StartLog): number {
  const minor = Number(/^0\.(\d+)/.exec(version ?? '')?.[1] ?? 99)
  return utilization ?? (minor < 24 ? 0.9 : 0.92)
}
