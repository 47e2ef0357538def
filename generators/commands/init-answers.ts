// What `npm run init` has to know: from options, else asked; every answer is checked as the schema of the cluster file has it.

import { oneOfOr, unwrap } from '../command-line/answer-readers.ts'
import { UsageError } from '../command-line/command.ts'
import type { Questions } from '../command-line/questions.ts'
import type { Cluster } from '../schema/cluster.ts'
import { environmentNames } from '../schema/environments.ts'
import { knownHostPattern, repositoryPattern } from '../schema/git-address.ts'
import { type IssuerKindName, issuerKindNames, issuerKinds, recognised } from '../schema/oidc.ts'
import { regions } from '../schema/regions.ts'

/** The one that the name speaks of, else the first. */
const likelyEnvironment = (name: string): string =>
  environmentNames.find((one) => name.includes(one)) ?? environmentNames[0] ?? ''

export interface ClusterAnswer {
  name: string
  environment: Cluster['environment']
  region: string
  account: string
  domain: string
}

export interface Answers {
  clusters: ClusterAnswer[]
  repository: string
  /** Lines of OpenSSH, of a Git host of one’s own. */
  knownHosts: string[]
  issuer: { kind: IssuerKindName; url: string }
  models: string[]
  tenants: string[]
}

/** Of the command line; a list has one value for all clusters, or one for each. */
export interface InitValues {
  cluster: string[]
  environment: string[]
  region: string[]
  account: string[]
  domain: string[]
  repository?: string
  'known-host'?: string[]
  issuer?: string
  kind?: string
  model: string[]
  tenant: string[]
}

/** What is in the tree now. */
export interface Samples {
  models: readonly string[]
  tenants: readonly string[]
}

type Read<Value> = (text: string) => Value | Error

const matching =
  (pattern: RegExp, what: string): Read<string> =>
  (text) =>
    pattern.test(text) ? text : new Error(`"${text}" is no ${what}`)

const readName = matching(
  /^[a-z]([-a-z0-9]{0,22}[a-z0-9])?$/,
  'name of a cluster: at most 24 lower-case letters, digits and dashes, a letter first',
)
const readRegion: Read<string> = (text) => oneOfOr(text, Object.keys(regions))
const readAccount = matching(/^[0-9]{12}$/, 'AWS account number: 12 digits')
const readDomain = matching(/^(?!-)[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}$/, 'host name, such as models.example.com')
const readRepository: Read<string> = (text) =>
  matching(
    new RegExp(repositoryPattern),
    'address of a Git repository: https://HOST/PATH, or git@HOST:PATH',
  )(text.replace(/\/$/, '').replace(/^(https:.*)\.git$/, '$1'))
const readHost = matching(new RegExp(knownHostPattern), 'line of ssh-keyscan HOST')
const readEnvironment: Read<string> = (text) => oneOfOr(text, environmentNames)

const readIssuer =
  (kind: IssuerKindName): Read<string> =>
  (text) =>
    issuerKinds[kind].issuer.test(text)
      ? text
      : new Error(`"${text}" is no issuer of ${issuerKinds[kind].title}; one looks like ${issuerKinds[kind].example}`)

export async function readAnswers(values: InitValues, samples: Samples, { ask }: Questions): Promise<Answers> {
  const names = await all(values.cluster, '--cluster', readName, () => ask('names of the clusters', '', some(readName)))
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new UsageError(`--cluster ${twice} is given twice`)
  const clusters: ClusterAnswer[] = []
  for (const [index, name] of names.entries()) {
    const read = (option: 'environment' | 'region' | 'account' | 'domain', check: Read<string>, fallback: string) => {
      const given = ofCluster(values[option], index, names.length, `--${option}`)
      return given === undefined
        ? ask(`${name}: ${option}`, fallback, check)
        : unwrap(check(given), `--${option} ${given}`)
    }
    const last = clusters.at(-1)
    clusters.push({
      name,
      environment: (await read('environment', readEnvironment, likelyEnvironment(name))) as Cluster['environment'],
      region: await read('region', readRegion, last?.region ?? 'us-east-1'),
      account: await read('account', readAccount, last?.account ?? ''),
      domain:
        sharedDomain(values.domain, name, names.length) ??
        (await read('domain', readDomain, last === undefined ? '' : `${name}.${last.domain}`)),
    })
  }
  checkDomains(clusters)
  const repository = await one(values.repository, '--repository', readRepository, () =>
    ask('address of this repository', '', readRepository),
  )
  const knownHosts = (values['known-host'] ?? []).map((line) => unwrap(readHost(line), `--known-host ${line}`))
  return {
    clusters,
    repository,
    knownHosts,
    issuer: await readKind(values, ask),
    ...(await readSamples(values, samples, ask)),
  }
}

async function readKind(values: InitValues, ask: Questions['ask']): Promise<Answers['issuer']> {
  const guess =
    (values.issuer === undefined ? undefined : recognised(values.issuer)) ??
    (values.issuer === undefined ? 'cognito' : 'generic')
  const readKindName: Read<string> = (text) => oneOfOr(text, issuerKindNames)
  const kind = (await one(values.kind, '--kind', readKindName, () =>
    values.issuer === undefined
      ? ask(`what makes the tokens of callers (${issuerKindNames.join(', ')})`, guess, readKindName)
      : Promise.resolve(guess),
  )) as IssuerKindName
  return {
    kind,
    url: await one(values.issuer, '--issuer', readIssuer(kind), () =>
      ask('OIDC issuer, as tokens have it', '', readIssuer(kind)),
    ),
  }
}

async function readSamples(values: InitValues, { models, tenants }: Samples, ask: Questions['ask']) {
  const chosen = (option: 'model' | 'tenant', known: readonly string[]) =>
    all(
      values[option],
      `--${option}`,
      (text) => oneOfOr(text, known),
      () =>
        ask(`sample ${option}s to keep, or all (${known.join(', ')})`, 'all', (text) =>
          text === 'all' ? [...known] : some((word) => oneOfOr(word, known))(text),
        ),
    )
  return { models: await chosen('model', models), tenants: await chosen('tenant', tenants) }
}

const some =
  (read: Read<string>): Read<string[]> =>
  (text) => {
    const found = text
      .split(/[\s,]+/)
      .filter(Boolean)
      .map(read)
    if (found.length === 0) return new Error('give at least one')
    return found.find((value) => value instanceof Error) ?? (found as string[])
  }

const one = (
  given: string | undefined,
  option: string,
  read: Read<string>,
  ask: () => Promise<string>,
): Promise<string> => (given === undefined ? ask() : Promise.resolve(unwrap(read(given), option)))

const all = (
  given: readonly string[],
  option: string,
  read: Read<string>,
  ask: () => Promise<string[]>,
): Promise<string[]> => (given.length === 0 ? ask() : Promise.resolve(given.map((text) => unwrap(read(text), option))))

function ofCluster(given: readonly string[], index: number, count: number, option: string): string | undefined {
  if (given.length <= 1 || given.length === count) return given.length === 1 ? given[0] : given[index]
  throw new UsageError(`${option} is given ${given.length} times for ${count} clusters; give it once, or once for each`)
}

/** One domain of several clusters is what theirs end with. */
function sharedDomain(given: readonly string[], name: string, count: number): string | undefined {
  const [domain] = given
  if (count === 1 || given.length !== 1 || domain === undefined) return undefined
  return `${name}.${unwrap(readDomain(domain), `--domain ${domain}`)}`
}

function checkDomains(clusters: readonly ClusterAnswer[]): void {
  const domains = clusters.map(({ domain }) => domain)
  const twice = domains.find((domain, index) => domains.indexOf(domain) !== index)
  if (twice !== undefined) throw new UsageError(`two clusters have the domain ${twice}; each needs its own`)
}
