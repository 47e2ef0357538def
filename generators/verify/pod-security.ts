// Pod Security `restricted`, as kubernetes/pod-security-admission checks it (policies of 1.34): init containers too.
import type { Container, Workload } from './app-objects.ts'

const allowedVolumes = new Set([
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
])

/** Everything a pod breaks, one sentence each. */
export function podSecurityProblems({ template, containers }: Workload): string[] {
  const spec = template.spec ?? {}
  const pod = spec.securityContext ?? {}
  const hosts = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((name) => spec[name] === true)
  const volumes = (spec.volumes ?? []).flatMap((volume) =>
    Object.keys(volume).filter((key) => key !== 'name' && !allowedVolumes.has(key)),
  )
  return [
    ...hosts.map((name) => `${name} is true`),
    ...volumes.map((kind) => `a volume of type ${kind}`),
    ...containers.flatMap((container) => containerProblems(container, pod)),
  ]
}

function containerProblems(container: Container, pod: Record<string, unknown>): string[] {
  const own = container.securityContext ?? {}
  const effective = (key: string): unknown => own[key] ?? pod[key]
  const capabilities = own.capabilities as { drop?: string[]; add?: string[] } | undefined
  const seccomp = (effective('seccompProfile') as { type?: string } | undefined)?.type
  const probes = [container.startupProbe, container.readinessProbe, container.livenessProbe]
  const problems: [boolean, string][] = [
    [own.privileged === true, 'is privileged'],
    [own.allowPrivilegeEscalation !== false, 'lacks allowPrivilegeEscalation: false'],
    [effective('runAsNonRoot') !== true, 'lacks runAsNonRoot: true'],
    [effective('runAsUser') === 0, 'runs as user 0'],
    [seccomp !== 'RuntimeDefault' && seccomp !== 'Localhost', 'lacks seccompProfile RuntimeDefault'],
    [capabilities?.drop?.includes('ALL') !== true, 'does not drop ALL capabilities'],
    [(capabilities?.add ?? []).some((name) => name !== 'NET_BIND_SERVICE'), 'adds capabilities'],
    [probes.some((probe) => probe?.httpGet?.host !== undefined), 'has a probe to another host'],
    // Not asked for by `restricted`, but by this platform.
    [own.readOnlyRootFilesystem !== true, 'lacks readOnlyRootFilesystem: true'],
  ]
  return problems.filter(([wrong]) => wrong).map(([, text]) => `container ${container.name ?? '?'} ${text}`)
}
