// Everything a lock says, read from the Hub: model information, list of files, config.json, and the headers of the safetensors files.
// Weights are never read.
import { downloadFile, type ListFileEntry, listFiles, modelInfo } from '@huggingface/hub'
import { Check, Errors } from 'typebox/value'
import { type Lock, lockSchema } from '../schema/lock.ts'
import { builtInArchitectures, licences } from '../schema/lock-policy.ts'
import type { Task } from '../schema/tasks.ts'
import { asProblem } from './api-problem.ts'
import { configFacts } from './config-facts.ts'
import { HubProblem } from './hub-problem.ts'
import { patientFetch } from './patient-fetch.ts'
import type { Place } from './place.ts'
import { unloadedTensor } from './unloaded-tensors.ts'
import { activeParameters, readWeights, weightFile } from './weights.ts'
import { checkConfig, checkFiles, checkFormat, checkPurpose, checkTokenizer, type Described } from './what-it-is.ts'

export interface Hub {
  /** Base URL, for example https://huggingface.co. */
  url: string
  /** User access token; sent to the origin of `url` alone. */
  token?: string
  fetch?: typeof fetch
}

const additionalFields = ['sha', 'cardData', 'tags', 'library_name', 'disabled'] as const

type Info = Awaited<ReturnType<typeof modelInfo<(typeof additionalFields)[number]>>>

export interface Wanted {
  /** What the model shall do, whatever the Hub calls it. */
  task?: Task
  /** Refuse what could be locked but not served: a repository without a tokenizer. */
  complete?: boolean
  /** A model of one’s own: its licence is its owner’s matter unless its card names one. */
  own?: boolean
}

/** @param revision commit, branch or tag; the lock always holds the commit. Throws a HubProblem. */
export async function describeModel(hub: Hub, id: string, revision: string, wanted: Wanted = {}): Promise<Lock> {
  const inner = hub.fetch ?? patientFetch(hub.url)
  const failures: unknown[] = []
  // The library takes a config.json that it cannot read for one that is not there, and counts packed parameters wrongly then.
  const fetch: typeof inner = async (...request) => {
    try {
      return await inner(...request)
    } catch (error) {
      failures.push(error)
      throw error
    }
  }
  try {
    const facts = await describe({ ...hub, fetch }, id, revision, wanted)
    if (failures.length > 0) throw failures[0]
    return asLock(facts)
  } catch (error) {
    throw asProblem(failures[0] ?? error, id, revision, hub.token !== undefined)
  }
}

/** A server may answer anything; synth would say of a wrong lock only that it is wrong. */
function asLock(facts: Lock): Lock {
  const { id } = facts
  if (Check(lockSchema, facts)) return facts
  const paths = new Set(Errors(lockSchema.anyOf[0], facts).map(({ instancePath }) => instancePath.slice(1)))
  throw new HubProblem(
    'answer',
    `what the Hub says of ${id} cannot be a lock: ${[...paths].join(', ')}`,
    'choose another revision',
  )
}

async function describe(
  hub: Hub & { fetch: typeof fetch },
  id: string,
  revision: string,
  { task, complete = false, own = false }: Wanted,
): Promise<Lock> {
  const access = { hubUrl: hub.url, fetch: hub.fetch, ...(hub.token === undefined ? {} : { accessToken: hub.token }) }
  const info = await modelInfo({ ...access, name: id, revision, additionalFields: [...additionalFields] })
  if (info.name !== id)
    throw new HubProblem('renamed', `${id} has another name on the Hub: ${info.name}`, `write ${info.name} instead`)
  const commit = String(info.sha)
  const licence = licenceOf(info.cardData, info.tags)
  const gated = info.gated !== false
  if (!/^[0-9a-f]{40}$/.test(commit))
    throw new HubProblem('answer', `the Hub names no commit of ${id}`, 'try again later')
  if (info.disabled === true) throw new HubProblem('no-model', `the Hub has disabled ${id}`, 'choose another model')
  // What no approval could help comes first.
  checkPurpose(describedBy(info, []), task)
  if (gated && hub.token === undefined) throw gatedProblem(id)
  const place: Place = { ...access, repo: { type: 'model', name: id }, revision: commit, xet: false }
  const files: ListFileEntry[] = []
  for await (const file of listFiles({ ...place, recursive: true })) files.push(file)
  const it = describedBy(info, files)
  checkFiles(it, commit)
  if (!licences.includes(licence) && !(own && licence === unstated))
    throw new HubProblem(
      'licence',
      `${id} has the licence ${licence}, which is not among those that may be served`,
      'choose another model, or add the licence to generators/schema/lock-policy.ts in a pull request of its own',
    )
  const config = await readJson(place, 'config.json')
  checkConfig(it, config, task)
  if (complete) checkTokenizer(it)
  const facts = configFacts(config, await quantizationFile(place, files))
  const { autoMap, architectures, ...shape } = facts
  if (autoMap && !architectures.some((name) => builtInArchitectures.includes(name)))
    throw new HubProblem(
      'remote-code',
      `${id} brings code of its own (auto_map in config.json), which no engine here runs`,
      `if the engine knows ${architectures.join(', ')} by itself, add it to builtInArchitectures in generators/schema/lock-policy.ts`,
    )
  checkFormat(it, facts.quantization)
  const weights = await readWeights(place, facts.quantization !== undefined, unloadedTensor(config, facts.layers))
  const { experts, quantization, cacheDtype, visionTower, ...numbers } = shape
  return {
    id,
    revision: commit,
    pipelineTag: info.task ?? 'unknown',
    licence,
    gated,
    architectures,
    parameters: weights.parameters,
    weightBytes: weights.bytes,
    weightFiles: weights.paths.map((path) => weightFile(path, files)),
    ...numbers,
    ...(experts === undefined ? {} : { experts: { ...experts, ...activeParameters(experts, weights) } }),
    ...(quantization === undefined ? {} : { quantization }),
    ...(cacheDtype === undefined ? {} : { cacheDtype }),
    ...(visionTower === undefined ? {} : { visionTower }),
    needsRemoteCode: false,
    hasChatTemplate: await hasChatTemplate(place, files),
    safetensors: true,
    unverified: [],
  }
}

/** The base is in the card, and as a tag with how it was used: `base_model:adapter:OWNER/NAME`. */
function describedBy(info: Info, files: readonly ListFileEntry[]): Described {
  const { name: id, task: tag, library_name: library, tags = [] } = info
  const card = (info.cardData ?? {}) as Record<string, unknown>
  const base = [card.base_model].flat().find((one) => typeof one === 'string')
  const tagged = tags
    .map((one) => /^base_model:(?:\w+:)?([\w.-]+\/[\w.-]+)$/.exec(one)?.[1])
    .find((one) => one !== undefined)
  return { id, tag, library, tags, base: base ?? tagged, paths: files.map(({ path }) => path) }
}

/** ModelOpt says how it packed the weights in a file of its own; older versions do not repeat it in config.json. */
const quantizationFile = async (place: Place, files: readonly ListFileEntry[]) =>
  files.some(({ path }) => path === 'hf_quant_config.json') ? readJson(place, 'hf_quant_config.json') : undefined

const unstated = 'none stated'

/** The card says it; repositories without a card have a tag. */
function licenceOf(card: unknown, tags: readonly string[] | undefined): string {
  const fields = (typeof card === 'object' && card !== null ? card : {}) as Record<string, unknown>
  const stated = [fields.license].flat().find((one) => typeof one === 'string')
  const named = stated === 'other' && typeof fields.license_name === 'string' ? fields.license_name : stated
  return String(named ?? tags?.find((tag) => tag.startsWith('license:'))?.slice('license:'.length) ?? unstated)
}

const gatedProblem = (id: string): HubProblem =>
  new HubProblem(
    'gated',
    `${id} is gated: the Hub shows its files only to those who accepted its terms`,
    `accept them at the model’s page, then set HF_TOKEN to a token of that account`,
  )

async function readJson(place: Place, path: string): Promise<Record<string, unknown>> {
  const file = await downloadFile({ ...place, path })
  if (file === null)
    throw new HubProblem('config', `${place.repo.name} has no ${path}`, 'only transformers models can be served')
  const value: unknown = parseJson(await file.text(), `${path} of ${place.repo.name}`)
  if (typeof value !== 'object' || value === null)
    throw new HubProblem(
      'config',
      `${path} of ${place.repo.name} is no object`,
      'only transformers models can be served',
    )
  return value as Record<string, unknown>
}

function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new HubProblem('config', `${what} is not valid JSON`, 'choose another revision', { cause: error })
  }
}

async function hasChatTemplate(place: Place, files: readonly ListFileEntry[]): Promise<boolean> {
  if (files.some(({ path }) => /^chat_template\.(?:jinja|json)$/.test(path))) return true
  if (!files.some(({ path }) => path === 'tokenizer_config.json')) return false
  return 'chat_template' in (await readJson(place, 'tokenizer_config.json'))
}
