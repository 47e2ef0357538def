// Options of `npm start`.
import { join, resolve } from 'node:path'
import { readArguments, readRoot } from '../generators/command-line/arguments.ts'
import { UsageError } from '../generators/command-line/command.ts'

export const help = `Answers OpenAI, Anthropic and Hugging Face clients on this machine: the gateway of the clusters, with the models
that can run here.

npm start -- [--model NAME]... [--model-dir DIR]... [--port N] [--tenant T] [--verbose] [--json] [--root DIR]

  --model NAME     also this model of apps/models; its files are fetched into the cache of your user once
  --model-dir DIR  also the model in this directory (config.json, tokenizer.json, onnx/), under the folder's name
  --port N         port of the gateway (8080); the next free one when it is taken
  --tenant T       whom the token is for; the first file of apps/tenants when not given
  --verbose        every log line of the gateway and of the model servers
  --json           one JSON object on standard output when all is ready; the log is on standard error
  --root DIR       another repository than this one

Ctrl-C stops everything. Environment: HF_ENDPOINT, HF_TOKEN, HF_HUB_OFFLINE, HF_HOME and XDG_CACHE_HOME, as for
npm run model-server; NO_COLOR. Exit codes: 0 stopped as asked, 1 something to fix, 2 a bug or a failed read or write.
`

export interface Options {
  root: string
  models: readonly string[]
  /** Absolute paths. */
  directories: readonly string[]
  port: number
  tenant: string | undefined
  verbose: boolean
  json: boolean
}

const usualPort = 8080

/** @throws UsageError */
export function readOptions(args: readonly string[]): Options {
  const { values, positionals } = readArguments(args, {
    model: { type: 'string', multiple: true, default: [] },
    'model-dir': { type: 'string', multiple: true, default: [] },
    port: { type: 'string', default: String(usualPort) },
    tenant: { type: 'string' },
    verbose: { type: 'boolean', default: false },
  })
  if (positionals.length > 0)
    throw new UsageError(`${positionals.join(' ')}: not understood; a model is named with --model NAME`)
  return {
    root: readRoot(values.root),
    models: values.model,
    directories: values['model-dir'].map(fromWhereTheUserIs),
    port: readPort(values.port),
    tenant: values.tenant,
    verbose: values.verbose,
    json: values.json,
  }
}

/** npm changes into the repository before it runs a script. */
function fromWhereTheUserIs(path: string): string {
  const { npm_lifecycle_event: script, INIT_CWD: folder } = process.env
  return resolve(script === 'start' && folder !== undefined ? folder : '.', path)
}

function readPort(text: string): number {
  const port = /^\d+$/.test(text) ? Number(text) : 0
  if (port >= 1 && port <= 65_535) return port
  throw new UsageError(`--port ${text}: write a whole number from 1 to 65535`)
}

/** Where a run keeps what its parts exchange; ignored by Git. */
export const stateFolder = (root: string): string => join(root, '.slipway')
