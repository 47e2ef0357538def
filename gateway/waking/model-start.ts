// How far the pods of a model are that is not ready yet, and whether they get stuck: from their status and from events about them.
import type { ModelStart, StartProblem, StartStage } from '../discovery/directory.ts'
import type { KubeEvent, Pod } from '../discovery/kube-types.ts'

const stages: readonly StartStage[] = ['node', 'image', 'weights', 'loading']

/** Reasons of a container that waits in vain, as the kubelet calls them (pkg/kubelet/images/types.go, kuberuntime). */
const containerProblems: Readonly<Record<string, StartProblem>> = {
  ImagePullBackOff: 'image',
  ErrImagePull: 'image',
  InvalidImageName: 'image',
  CreateContainerConfigError: 'settings',
  CreateContainerError: 'settings',
  RunContainerError: 'settings',
  CrashLoopBackOff: 'crash',
}

/** @param events about pods and ReplicaSets of the namespace; undefined result: nothing is on its way, and nothing says why */
export function startOf(name: string, pods: readonly Pod[], events: readonly KubeEvent[]): ModelStart | undefined {
  const starts = pods
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .map((pod) => podStart(pod, events))
    .sort((a, b) => rank(b) - rank(a))
  const [nearest] = starts
  if (nearest) return nearest
  // A ReplicaSet that may not make its pod: beyond a quota, or against a policy.
  const refused = newest(events, ({ reason, involvedObject }) => {
    const of = involvedObject?.kind === 'ReplicaSet' ? (involvedObject.name ?? '') : ''
    return reason === 'FailedCreate' && of.slice(0, of.lastIndexOf('-')) === name
  })
  if (refused === undefined || Date.now() - timeOf(refused) > refusalMs) return undefined
  return {
    stage: 'node',
    hasWeights: false,
    problem: /exceeded quota/.test(refused.message ?? '') ? 'quota' : 'settings',
  }
}

/** A ReplicaSet tries again within some minutes, and says so each time. */
const refusalMs = 1_200_000

/** One without a problem first, then by how far it is. */
const rank = ({ stage, hasWeights, problem }: ModelStart): number =>
  stages.indexOf(stage) + (hasWeights ? 4 : 0) + (problem === undefined ? 10 : 0)

function podStart({ metadata, status = {} }: Pod, events: readonly KubeEvent[]): ModelStart {
  const { conditions = [], initContainerStatuses = [], containerStatuses = [], podIP } = status
  const all = [...initContainerStatuses, ...containerStatuses]
  const fetch = initContainerStatuses[0]?.state
  const hasWeights = fetch?.terminated?.exitCode === 0
  const isRunning = containerStatuses.some(({ state }) => state?.running !== undefined)
  const isScheduled = conditions.some(({ type, status: is }) => type === 'PodScheduled' && is === 'True')
  const stage = !isScheduled ? 'node' : isRunning ? 'loading' : fetch?.running !== undefined ? 'weights' : 'image'
  const stuck = all.find(({ state }) => containerProblems[state?.waiting?.reason ?? ''] !== undefined)
  const problem = stuck
    ? problemOf(stuck, initContainerStatuses)
    : !isScheduled && hasNoNode(metadata.name, events)
      ? 'capacity'
      : undefined
  return { stage, hasWeights, ...(podIP && { address: podIP }), ...(problem && { problem }) }
}

type Container = NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number]

/** A fetch container that ends again and again has no weights to bring. */
function problemOf(stuck: Container, inits: readonly Container[]): StartProblem | undefined {
  const problem = containerProblems[stuck.state?.waiting?.reason ?? '']
  return problem === 'crash' && inits.includes(stuck) ? 'weights' : problem
}

/**
 * Karpenter's last word about the pod: it found no node to start (`FailedScheduling`) and not that it starts one (`Nominated`). The
 * scheduler's own `FailedScheduling` says only that no node is there yet.
 */
function hasNoNode(pod: string, events: readonly KubeEvent[]): boolean {
  const last = newest(
    events,
    ({ involvedObject, reportingComponent, source }) =>
      involvedObject?.name === pod && (reportingComponent || source?.component) === 'karpenter',
  )
  return last?.reason === 'FailedScheduling'
}

const timeOf = ({ lastTimestamp, eventTime, metadata }: KubeEvent): number =>
  Date.parse(lastTimestamp ?? eventTime ?? metadata.creationTimestamp ?? '') || 0

function newest(events: readonly KubeEvent[], wanted: (event: KubeEvent) => boolean): KubeEvent | undefined {
  let found: KubeEvent | undefined
  for (const event of events) if (wanted(event) && (!found || timeOf(event) >= timeOf(found))) found = event
  return found
}
