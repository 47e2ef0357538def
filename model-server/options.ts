// Options of `serve`, the environment that all commands read, and the help text of them all.
import { type Dtype, dtypes } from './model/onnx-files.ts'
import { hubId, type Option, parse, wholeNumber } from './option.ts'
import { UserMistake } from './user-mistake.ts'
import { copyOptions, fetchOptions, sweepOptions } from './weight-options.ts'

export const serveOptions: readonly Option[] = [
  {
    name: 'model-dir',
    value: 'DIR',
    usual: '–',
    meaning: 'Hugging Face model directory to serve; never uses the network.',
  },
  {
    name: 'model',
    value: 'ID',
    usual: '–',
    meaning: 'Hub model to serve, fetched into the cache directory first; instead of --model-dir.',
  },
  { name: 'revision', value: 'COMMIT', usual: 'main', meaning: 'Revision of --model; pin a commit of 40 hex digits.' },
  {
    name: 'served-model-name',
    value: 'NAME',
    usual: 'last part of --model or --model-dir',
    meaning: 'Name that clients send as `model`.',
  },
  { name: 'host', value: 'ADDRESS', usual: '0.0.0.0', meaning: 'Address to listen on.' },
  { name: 'port', value: 'N', usual: '8000', meaning: 'Port to listen on; 0 takes a free one, which the log names.' },
  {
    name: 'max-model-len',
    value: 'N',
    usual: 'the model’s',
    meaning: 'Context: tokens of prompt and answer together.',
  },
  { name: 'max-num-seqs', value: 'N', usual: '8', meaning: 'Answers that share the model at once; more wait.' },
  {
    name: 'max-num-queued-reqs',
    value: 'N',
    usual: '64',
    meaning: 'Answers that may run or wait; more are refused with 503.',
  },
  {
    name: 'threads',
    value: 'N',
    usual: 'half the cores, at most 4',
    meaning: 'Threads of onnxruntime. More than there are free cores make it slower.',
  },
  {
    name: 'dtype',
    value: 'NAME',
    usual: 'first of int8, q8, q4, fp32, uint8 that is there',
    meaning: 'Precision of the graph, as in the file names of onnx/.',
  },
  {
    name: 'shutdown-timeout',
    value: 'SECONDS',
    usual: '30',
    meaning: 'Open answers may go on for this long after SIGTERM.',
  },
  {
    name: 'enable-force-include-usage',
    usual: 'off',
    meaning: 'Usage in every chunk of every stream, whatever the client asks for.',
  },
]

export interface Variable {
  name: string
  meaning: string
}

export const variables: readonly Variable[] = [
  { name: 'HF_ENDPOINT', meaning: 'Hub to fetch from; https://huggingface.co when empty.' },
  { name: 'HF_TOKEN', meaning: 'Token for gated and private models; sent to the host of HF_ENDPOINT alone.' },
  { name: 'HF_HUB_OFFLINE', meaning: '1: no network; --model then needs its files in the cache.' },
  { name: 'HF_HOME', meaning: 'Cache of Hugging Face’s programs; models are kept in its folder slipway-models.' },
  { name: 'AWS_REGION', meaning: 'Region of the weights bucket.' },
  { name: 'AWS_ENDPOINT_URL_S3', meaning: 'Another store that speaks S3; AWS’s own when empty.' },
  {
    name: 'AWS_CONTAINER_CREDENTIALS_FULL_URI',
    meaning: 'Where EKS Pod Identity gives credentials, with AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE; EKS sets both.',
  },
  { name: 'AWS_ACCESS_KEY_ID', meaning: 'Credentials by hand, with AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN.' },
  { name: 'XDG_CACHE_HOME', meaning: 'Where caches are kept when HF_HOME is empty; ~/.cache when both are.' },
]

export interface ServeSettings {
  modelDirectory: string | undefined
  model: string | undefined
  revision: string | undefined
  servedName: string | undefined
  host: string
  port: number
  maxModelLen: number | undefined
  mostRunning: number
  mostPlaces: number
  threads: number | undefined
  dtype: Dtype | undefined
  shutdownSeconds: number
  forcesUsage: boolean
}

/** @throws UserMistake naming the option */
export function readServe(argv: readonly string[]): ServeSettings {
  const values = parse(serveOptions, argv)
  const text = (name: string) => values[name] as string | undefined
  const whole = (name: string, least: number, most: number) => wholeNumber(name, text(name), least, most)
  const [modelDirectory, model] = [text('model-dir'), text('model')]
  if ((modelDirectory === undefined) === (model === undefined))
    throw new UserMistake('give either --model-dir DIR or --model ID')
  if (text('revision') !== undefined && model === undefined)
    throw new UserMistake('--revision belongs to --model; a directory has no revisions')
  const dtype = text('dtype')
  if (dtype !== undefined && !Object.hasOwn(dtypes, dtype))
    throw new UserMistake(`--dtype ${dtype}: unknown; write one of ${Object.keys(dtypes).join(', ')}`)
  return {
    modelDirectory,
    model: model === undefined ? undefined : hubId(model),
    revision: text('revision'),
    servedName: text('served-model-name'),
    host: text('host') ?? '0.0.0.0',
    port: whole('port', 0, 65_535) ?? 8000,
    maxModelLen: whole('max-model-len', 1, 10_000_000),
    mostRunning: whole('max-num-seqs', 1, 1024) ?? 8,
    mostPlaces: whole('max-num-queued-reqs', 1, 100_000) ?? 64,
    threads: whole('threads', 1, 256),
    dtype: dtype as Dtype | undefined,
    shutdownSeconds: whole('shutdown-timeout', 0, 86_400) ?? 30,
    forcesUsage: values['enable-force-include-usage'] === true,
  }
}

export function help(): string {
  const lines = (options: readonly Option[]): string =>
    options
      .map(({ name, value, usual, meaning }) => {
        const left = `  --${name}${value ? `=${value}` : ''}`
        return `${left.padEnd(34)} ${meaning}${usual === '–' ? '' : ` (${usual})`}`
      })
      .join('\n')
  return `OpenAI-compatible server for small models on CPUs.

Usage: node model-server/server.ts [serve] (--model-dir=DIR | --model=ID) [OPTIONS]
       node model-server/server.ts fetch (--model=ID | --store=PLACE | --bundled=DIR) --to=DIR [OPTIONS]
       node model-server/server.ts copy --model=ID --store=PLACE [OPTIONS]
       node model-server/server.ts sweep --bucket=NAME --namespace=NAME --keep-days=N

serve
${lines(serveOptions)}

fetch
${lines(fetchOptions)}

copy
${lines(copyOptions)}

sweep
${lines(sweepOptions)}

Environment
${variables.map(({ name, meaning }) => `  ${name.padEnd(32)} ${meaning}`).join('\n')}

Exit codes: 0 stopped as asked, 1 something to fix in options, files or names, 2 a bug or a failed read, write or download.
`
}
