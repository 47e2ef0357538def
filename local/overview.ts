// What a person sees when all is ready: the table of models, a line to copy, the addresses. And the same as JSON.
import { alignedLines } from '../generators/command-line/text-table.ts'
import type { MachineModel } from '../generators/plan/plan-machine.ts'
import { homeRegion } from '../generators/schema/prices.ts'
import { openaiPath } from './gateway.ts'
import { tokenHours } from './issuer.ts'
import type { ModelServer } from './model-server.ts'
import type { Paint } from './terminal.ts'

export interface Ready {
  /** Of the gateway, without a path. */
  url: string
  token: string
  tenant: string
  models: readonly MachineModel[]
  servers: readonly ModelServer[]
  seconds: number
}

const prompt = 'Tell me a story.'

export const openaiUrl = ({ url }: Ready): string => `${url}${openaiPath}`

/** The page takes the token out of its address at once. */
export const consoleUrl = ({ url, token }: Ready): string => `${url}/console#token=${token}`

/** A request that the first model can answer; undefined when there is none. */
export function curlLine(ready: Ready): string | undefined {
  const { servers, token } = ready
  const first = servers.find(({ choice }) => choice.planned?.chats) ?? servers[0]
  if (first === undefined) return undefined
  const chats = first.choice.planned?.chats ?? false
  const model = first.choice.name
  const [path, body] = chats
    ? ['chat/completions', { model, stream: true, messages: [{ role: 'user', content: prompt }] }]
    : ['completions', { model, stream: true, prompt: 'Once upon a time' }]
  return [
    `curl -N ${openaiUrl(ready)}/${path} \\`,
    `  -H 'content-type: application/json' \\`,
    `  -d '${JSON.stringify(body)}' \\`,
    `  -H 'authorization: Bearer ${token}'`,
  ].join('\n')
}

/** `models` of the result of --json. */
export const modelFacts = ({ models, servers }: Ready) => [
  ...models.map(({ name, id, engine, maxModelLen, reason, places }) => {
    const server = servers.find(({ choice }) => choice.name === name)
    const state = server?.state ?? 'unavailable'
    const demo = server?.isDemo ?? false
    return { name, id, engine, maxModelLen, state, demo, ...(server === undefined && { reason }), places }
  }),
  ...servers
    .filter(({ choice }) => choice.planned === undefined)
    .map(({ choice, state }) => ({ name: choice.name, state, places: [] })),
]

export function overview(ready: Ready, paint: Paint): string {
  const { servers, tenant, seconds } = ready
  const curl = curlLine(ready)
  return [
    '',
    table(ready, paint),
    ...(isEstimated(ready) ? [`≈: no price of the cluster’s region is known, that of ${homeRegion} is taken`] : []),
    '',
    paint.bold(`Ready in ${seconds.toFixed(1)} s: ${servers.length} of ${modelFacts(ready).length} models run here.`),
    '',
    ...(curl === undefined ? [] : [curl, '']),
    `OpenAI base URL  ${openaiUrl(ready)}`,
    `Token            of tenant ${tenant}, for ${tokenHours} hours: the one in the line above`,
    `Console          ${consoleUrl(ready)}`,
    '                 (the page keeps the token for its tab and takes it out of the address)',
    '',
    'Ctrl-C stops everything.',
    '',
  ].join('\n')
}

const isEstimated = ({ models }: Ready): boolean =>
  models.some(({ places }) => places.some(({ estimated }) => estimated))

/** At most 80 columns with names of up to 24 characters; one line for each place where a model would run. */
function table({ models, servers }: Ready, paint: Paint): string {
  const head = ['model', 'here', 'cluster', 'gpu', 'instance', '$/hour']
  const isServed = (name: string): boolean => servers.some(({ choice }) => choice.name === name)
  const known = [...models.filter(({ name }) => isServed(name)), ...models.filter(({ name }) => !isServed(name))]
  const own = servers
    .filter(({ choice }) => choice.planned === undefined)
    .map((server) => [server.choice.name, stateOf(server)])
  const rows = [
    ...own,
    ...known.flatMap((model) => {
      const places = model.places.map(({ cluster, gpu, instance, usdPerHour, estimated }) => [
        cluster,
        gpu ?? 'cpu',
        instance,
        `${estimated ? '≈' : ''}${usdPerHour.toFixed(2)}`,
      ])
      const [first = [], ...others] = places
      return [[model.name, stateHere(model, servers), ...first], ...others.map((place) => ['', '', ...place])]
    }),
  ]
  const [first = '', ...lines] = alignedLines([head, ...rows], head.length - 1)
  const colour = (line: string, index: number): string =>
    rows[index]?.[1]?.startsWith('ready') ? line.replace(/\bready\b/, paint.green('ready')) : line
  return [paint.dim(first), ...lines.map(colour)].join('\n')
}

const stateOf = ({ isDemo }: ModelServer): string => (isDemo ? 'ready (demo)' : 'ready')

function stateHere({ name, lacks, weights }: MachineModel, servers: readonly ModelServer[]): string {
  const server = servers.find(({ choice }) => choice.name === name)
  if (server !== undefined) return stateOf(server)
  return weights === undefined ? `needs ${lacks}` : 'with --model'
}
