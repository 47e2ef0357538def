// What Argo CD says of the Applications, and what it should say.
import type { ControlPlane } from './control-plane.ts'
import type { GitSource } from './git-source.ts'
import { refusal } from './refusal.ts'

export interface Application {
  metadata: { name: string; annotations?: Record<string, string>; deletionTimestamp?: string }
  spec: { source?: { name?: string }; syncPolicy: { syncOptions: string[] } }
  status?: {
    sync?: { status?: string; revision?: string }
    health?: { status?: string }
    conditions?: { type: string; message: string }[]
    operationState?: {
      phase?: string
      message?: string
      finishedAt?: string
      syncResult?: {
        revision?: string
        resources?: { kind: string; name: string; status?: string; message?: string }[]
      }
    }
    resources?: {
      kind: string
      name: string
      namespace?: string
      status?: string
      health?: { status?: string; message?: string }
    }[]
    history?: { id: number; revision: string }[]
  }
}

type Expectations = Record<string, { health: string; reason: string }>

const everywhere: Expectations = {
  gateway: {
    health: 'Degraded',
    reason: 'its HorizontalPodAutoscaler asks for CPU figures, and no metrics server runs',
  },
}

/** Argo CD waits for the address that a controller writes into each Ingress. */
const withoutBalancerController: Expectations = {
  edge: {
    health: 'Progressing',
    reason: 'no Load Balancer Controller runs here, so its Ingress is served by nobody',
  },
}

/** Applications that are something else than Healthy in this cluster, and why. */
export const expectedHealth = async (controlPlane: ControlPlane): Promise<Expectations> =>
  (await controlPlane.hasBalancerController()) ? everywhere : { ...withoutBalancerController, ...everywhere }

export const applications = (controlPlane: ControlPlane): Promise<Application[]> =>
  controlPlane.list<Application>('applications.argoproj.io', '--namespace', 'argocd')

/** As a webhook does: the named Applications, or all, look at Git now instead of at the next round. */
export async function refresh(controlPlane: ControlPlane, names: readonly string[] = ['--all']): Promise<void> {
  const note = 'argocd.argoproj.io/refresh=normal'
  await controlPlane.kubectl(
    'annotate',
    'applications.argoproj.io',
    ...names,
    '--namespace',
    'argocd',
    '--overwrite',
    note,
  )
}

/** What the API server refused of an Application: object, words, lines of the rendered file and of its source. */
export function refusals({ metadata, status }: Application, source: GitSource): string[] {
  const { phase, syncResult } = status?.operationState ?? {}
  if (phase === 'Succeeded') return []
  return (syncResult?.resources ?? [])
    .filter((one) => one.status === 'SyncFailed')
    .map(({ kind, name, message = '' }) => {
      const file = `${kind.toLowerCase()}-${name}.yaml`
      return refusal(`clusters/${source.cluster}/rendered/${metadata.name}/${file}`, message, (path) =>
        source.read(path),
      )
    })
}

const sentence = (application: Application, source: GitSource): string => {
  const { metadata, status } = application
  const bad = (status?.resources ?? []).filter(
    ({ status: sync, health }) => sync !== 'Synced' || (health?.status ?? 'Healthy') !== 'Healthy',
  )
  const objects = bad.map(({ kind, name, status: sync, health }) =>
    `${metadata.name}/${kind.toLowerCase()}-${name}.yaml ${sync} ${health?.status ?? ''} ${health?.message ?? ''}`.trim(),
  )
  const words = [
    ...(status?.conditions ?? []).map(({ message }) => message),
    ...(status?.operationState?.phase === 'Succeeded' ? [] : [status?.operationState?.message ?? '']),
  ]
  const first = `${metadata.name}: ${status?.sync?.status} ${status?.health?.status} ${[...objects, ...words].filter(Boolean).join('; ').slice(0, 600)}`
  return [first, ...refusals(application, source)].join('\n')
}

/** `true`, or the Applications that are not yet what they should be. */
export async function settled(
  { controlPlane, source }: { controlPlane: ControlPlane; source: GitSource },
  wanted: { names?: readonly string[]; revision?: string } = {},
): Promise<true | string> {
  const all = await applications(controlPlane)
  const seen = wanted.names === undefined ? all : all.filter(({ metadata }) => wanted.names?.includes(metadata.name))
  if (wanted.names !== undefined && seen.length < wanted.names.length)
    return `only ${seen.map(({ metadata }) => metadata.name).join(', ')} are there`
  const expected = await expectedHealth(controlPlane)
  const wrong = seen.filter(({ metadata, status }) => {
    const health = expected[metadata.name]?.health ?? 'Healthy'
    // The root is what its children are.
    const right = metadata.name === 'root' ? true : status?.health?.status === health
    return (
      status?.sync?.status !== 'Synced' ||
      !right ||
      (wanted.revision !== undefined && status.sync.revision !== wanted.revision)
    )
  })
  return seen.length > 0 && wrong.length === 0 ? true : wrong.map((one) => sentence(one, source)).join('\n')
}
