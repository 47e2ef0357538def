// EndpointSlices to endpoints, as kube-proxy reads them.
import { portName } from './contract.ts'
import type { Endpoint } from './directory.ts'
import type { EndpointSlice } from './kube-types.ts'

export const serviceNameLabel = 'kubernetes.io/service-name'

/**
 * All endpoints of one Service. A pod may be in two slices while they change: it counts once, as ready if one says so.
 * Endpoints that are ready take requests; only when none is, those that are going away but still serve are returned too,
 * marked as not ready.
 */
export function mergeSlices(slices: readonly EndpointSlice[]): Endpoint[] {
  const ready = new Map<string, Endpoint>()
  const leaving = new Map<string, Endpoint>()
  for (const { addressType, endpoints, ports } of slices) {
    const port = ports?.find(({ name }) => name === portName)?.port
    if (addressType === 'FQDN' || !port) continue
    for (const { addresses, conditions } of endpoints ?? []) {
      // The first address is taken for all: they are of one pod.
      const address = addresses?.[0]
      if (!address) continue
      const isReady = conditions?.ready ?? true
      const isServing = conditions?.serving ?? isReady
      if (isReady) ready.set(address, { address, port, ready: true })
      else if (isServing && conditions?.terminating === true) leaving.set(address, { address, port, ready: false })
    }
  }
  return ready.size > 0 ? [...ready.values()] : [...leaving.values()]
}

/** Distinct addresses that are ready. */
export function countReady(slices: readonly EndpointSlice[]): number {
  const addresses = slices.flatMap(({ endpoints }) =>
    (endpoints ?? [])
      .filter(({ conditions }) => conditions?.ready ?? true)
      .flatMap(({ addresses }) => addresses?.[0] ?? []),
  )
  return new Set(addresses).size
}
