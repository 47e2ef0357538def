// Builds the whole graph of one cluster without the Pulumi CLI, a provider or a cloud: every registration is recorded and
// answered with placeholder outputs. Tests and the walk read the result; nothing here runs during a deployment.
import * as pulumi from '@pulumi/pulumi'
import type { RegisterResourceRequest } from '@pulumi/pulumi/proto/resource_pb.js'
import { buildPlatform } from '../build-platform.ts'
import type { PlatformSettings } from '../platform-settings.ts'
import type { Graph, Lookup, Resource } from './graph.ts'
import { placeholderCall, placeholderOutputs } from './placeholder-outputs.ts'

/** Pulumi’s mark of a secret value; see `specialSecretSig` in its runtime. */
const signatureKey = '4dabf18193072939515e22adb298388d'
const secretSignature = '1b47061264138c4ac30d75fd1eb44270'

const isSecret = (value: unknown): value is { value: unknown } =>
  typeof value === 'object' && value !== null && (value as Record<string, unknown>)[signatureKey] === secretSignature

type Register = (request: RegisterResourceRequest, answer: (...parts: unknown[]) => void) => Promise<void>

/** One graph at a time: Pulumi’s runtime is a global. */
export async function recordGraph(settings: PlatformSettings): Promise<Graph> {
  const before = process.cpuUsage()
  const resources: Resource[] = []
  const lookups: Lookup[] = []
  const regions = new Map<string, string>()
  let request: RegisterResourceRequest | undefined
  await pulumi.runtime.setMocks(
    {
      newResource: (registered) => {
        const resource = resourceOf(registered, request, regions)
        resources.push(resource)
        if (resource.type === 'pulumi:providers:aws') regions.set(resource.name, String(resource.inputs.region))
        const made = placeholderOutputs(resource, settings.cluster)
        Object.assign(resource, { id: made.id, outputs: made.state })
        return made
      },
      call: ({ token, inputs }) => {
        const answer = placeholderCall(token, inputs, settings.cluster)
        lookups.push({ token, inputs, answer })
        return answer
      },
    },
    'slipway',
    settings.cluster.name,
  )
  const monitor = pulumi.runtime.getMonitor() as unknown as { registerResource: Register }
  const register = monitor.registerResource.bind(monitor)
  // The mocks see neither parent nor options; the request that leads to them does, and is handled before the next.
  monitor.registerResource = (incoming, answer) => {
    request = incoming
    return register(incoming, answer)
  }
  const outputs = await withoutFailures(async () => {
    const values = await settled(buildPlatform(settings))
    await pulumi.runtime.disconnect()
    return values
  })
  return {
    cluster: settings.cluster.name,
    resources,
    lookups,
    outputs,
    cpuMilliseconds: cpuMilliseconds(process.cpuUsage(before)),
  }
}

const cpuMilliseconds = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1000

/** An output that fails takes its resources along without a word: they would simply not be in the graph. */
async function withoutFailures<T>(build: () => Promise<T>): Promise<T> {
  const failure = Promise.withResolvers<never>()
  const fail = (cause: unknown) => failure.reject(new Error('the program failed while its graph was built', { cause }))
  process.on('unhandledRejection', fail)
  try {
    const built = await Promise.race([build(), failure.promise])
    // Rejections are reported after the promises of their turn have settled.
    await Promise.race([new Promise((resolve) => setImmediate(resolve)), failure.promise])
    return built
  } finally {
    process.off('unhandledRejection', fail)
  }
}

const nameOf = (urn: string): string => urn.split('::')[3] ?? ''

function resourceOf(
  { type, name, inputs, provider, custom }: pulumi.runtime.MockResourceArgs,
  request: RegisterResourceRequest | undefined,
  regions: ReadonlyMap<string, string>,
): Resource {
  const given = inputs as Record<string, unknown>
  const entries = Object.entries(given)
  const parent = request?.getParent() ?? ''
  return {
    type,
    name,
    urn: `${parent}/${type}::${name}`,
    inputs: Object.fromEntries(entries.map(([key, value]) => [key, isSecret(value) ? value.value : value])),
    outputs: {},
    id: '',
    secrets: entries.filter(([, value]) => isSecret(value)).map(([key]) => key),
    parent: parent === '' ? undefined : nameOf(parent),
    custom: custom === true,
    region: type.startsWith('aws:') ? regions.get(nameOf(provider ?? '')) : undefined,
    protect: request?.getProtect() ?? false,
    ignoreChanges: request?.getIgnorechangesList() ?? [],
    dependencies: [...new Set((request?.getDependenciesList() ?? []).map(nameOf))],
  }
}

async function settled(outputs: Record<string, pulumi.Input<unknown>>): Promise<Record<string, unknown>> {
  const all = pulumi.output(outputs)
  return new Promise((resolve) => {
    all.apply((values) => resolve(values))
  })
}
