// Options of the commands that move weights: `fetch`, `copy` and `sweep`.
import { hubId, type Option, parse, wholeNumber } from './option.ts'
import { UserMistake } from './user-mistake.ts'

const sha256: Option = {
  name: 'sha256',
  value: 'FILE=HEX',
  repeats: true,
  usual: 'the Hub’s own',
  meaning: 'Locked hash of a file; a file with another one is an error.',
}

const allow: Option = {
  name: 'allow',
  value: 'PATTERN',
  repeats: true,
  usual: 'all files',
  meaning: 'Files to fetch; `*` stays within a folder, `!` in front takes files out again.',
}

const revision: Option = {
  name: 'revision',
  value: 'COMMIT',
  usual: 'main',
  meaning: 'Its revision; pin a commit of 40 hex digits.',
}

export const fetchOptions: readonly Option[] = [
  { name: 'model', value: 'ID', usual: '–', meaning: 'Hub model to fetch.' },
  revision,
  {
    name: 'store',
    value: 's3://BUCKET/ADDRESS',
    usual: '–',
    meaning: 'Copy of a model in a weights bucket, instead of --model.',
  },
  { name: 'to', value: 'DIR', usual: '–', meaning: 'Directory to fill; made where it is missing.' },
  allow,
  sha256,
  { name: 'bundled', value: 'DIR', usual: '–', meaning: 'Copies this directory of the image instead; no network.' },
]

export const copyOptions: readonly Option[] = [
  {
    name: 'model',
    value: 'ID',
    usual: '–',
    meaning: 'Hub model to copy, or s3://BUCKET/PREFIX, of which the files with --sha256 are copied.',
  },
  revision,
  {
    name: 'store',
    value: 's3://BUCKET/ADDRESS',
    usual: '–',
    meaning: 'Where to in the weights bucket; a copy that is there ends it.',
  },
  allow,
  sha256,
]

export const sweepOptions: readonly Option[] = [
  { name: 'bucket', value: 'NAME', usual: '–', meaning: 'Weights bucket.' },
  {
    name: 'namespace',
    value: 'NAME',
    usual: '–',
    meaning: 'Where the models run; what their Deployments name is kept.',
  },
  { name: 'keep-days', value: 'N', usual: '–', meaning: 'Weights that no Deployment names stay this long.' },
]

/** Place of a model’s copy. */
export interface StorePlace {
  bucket: string
  address: string
}

export interface FetchSettings {
  model: string | undefined
  revision: string | undefined
  store: StorePlace | undefined
  to: string
  allow: readonly string[]
  /** File name → hash. */
  hashes: ReadonlyMap<string, string>
  bundled: string | undefined
}

export interface CopySettings {
  model: string
  revision: string | undefined
  store: StorePlace
  allow: readonly string[]
  hashes: ReadonlyMap<string, string>
}

export interface SweepSettings {
  bucket: string
  namespace: string
  keepDays: number
}

/** @throws UserMistake naming the option */
export function readFetch(argv: readonly string[]): FetchSettings {
  const values = parse(fetchOptions, argv)
  const text = (name: string) => values[name] as string | undefined
  const [to, model, bundled, store] = [text('to'), text('model'), text('bundled'), text('store')]
  if (to === undefined) throw new UserMistake('--to is missing: give the directory to fill')
  if ([model, bundled, store].filter((source) => source !== undefined).length !== 1)
    throw new UserMistake('give either --model ID or --bundled DIR, or --store s3://BUCKET/ADDRESS')
  return {
    to,
    model: model === undefined ? undefined : hubId(model),
    revision: text('revision'),
    store: store === undefined ? undefined : storePlace(store),
    bundled,
    allow: (values.allow as string[] | undefined) ?? [],
    hashes: lockedHashes(values.sha256),
  }
}

/** @throws UserMistake naming the option */
export function readCopy(argv: readonly string[]): CopySettings {
  const values = parse(copyOptions, argv)
  const text = (name: string) => values[name] as string | undefined
  const [model, store] = [text('model'), text('store')]
  if (model === undefined || store === undefined)
    throw new UserMistake('give --model ID and --store s3://BUCKET/ADDRESS')
  const hashes = lockedHashes(values.sha256)
  if (model.startsWith('s3://') && hashes.size === 0)
    throw new UserMistake(`--model ${model}: give --sha256 FILE=HEX for each of its files`)
  return {
    model: model.startsWith('s3://') ? model : hubId(model),
    revision: text('revision'),
    store: storePlace(store),
    allow: (values.allow as string[] | undefined) ?? [],
    hashes,
  }
}

/** @throws UserMistake naming the option */
export function readSweep(argv: readonly string[]): SweepSettings {
  const values = parse(sweepOptions, argv) as Record<string, string | undefined>
  const { bucket, namespace } = values
  const keepDays = wholeNumber('keep-days', values['keep-days'], 1, 3650)
  if (bucket === undefined || namespace === undefined || keepDays === undefined)
    throw new UserMistake('give --bucket NAME, --namespace NAME and --keep-days N')
  return { bucket, namespace, keepDays }
}

function storePlace(text: string): StorePlace {
  const [, bucket, address] = /^s3:\/\/([a-z0-9][a-z0-9.-]+)\/([0-9a-f]{64})$/.exec(text) ?? []
  if (bucket !== undefined && address !== undefined) return { bucket, address }
  throw new UserMistake(`--store ${text}: write it as s3://BUCKET/ADDRESS, the address with 64 hex digits`)
}

const lockedHashes = (texts: unknown): Map<string, string> =>
  new Map(((texts as string[] | undefined) ?? []).map(lockedHash))

function lockedHash(text: string): [string, string] {
  const [, name, hash] = /^(.+)=([0-9a-f]{64})$/i.exec(text) ?? []
  if (name === undefined || hash === undefined)
    throw new UserMistake(`--sha256 ${text}: write it as FILE=HEX with 64 hex digits`)
  return [name, hash.toLowerCase()]
}
