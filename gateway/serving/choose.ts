// Which endpoint gets a request: the less loaded of two, or the one that already knows the conversation's beginning.
import type { EndpointState } from './endpoint-state.ts'

export interface Choice {
  now: number
  /** Hash of the conversation's beginning; undefined: no affinity. */
  affinity: number | undefined
  /** An endpoint may have this times the mean load before affinity gives way. */
  affinityLoad: number
  /** Requests at once per endpoint. */
  slots: number
  /** Endpoints that this request has already tried. */
  tried: readonly EndpointState[]
  random: () => number
}

/**
 * The endpoint for one request, undefined when none may take it now.
 * @param endpoints those of the directory; ejected ones are used only when all are ejected (panic mode)
 */
export function chooseEndpoint(endpoints: readonly EndpointState[], choice: Choice): EndpointState | undefined {
  const { now, slots, tried } = choice
  const allowed = endpoints.filter((one) => !tried.includes(one))
  const ready = allowed.filter((one) => one.ready)
  const serving = ready.length > 0 ? ready : allowed
  const healthy = serving.filter((one) => !one.isEjected(now))
  const usable = (healthy.length > 0 ? healthy : serving).filter((one) => one.inflight < slots)
  const [first] = usable
  if (first === undefined || usable.length === 1) return first
  return byAffinity(usable, choice) ?? lessLoadedOfTwo(usable, choice)
}

/** Rendezvous hashing with bounded load: the highest mix of key and endpoint that is not busier than the others. */
function byAffinity(
  usable: readonly EndpointState[],
  { now, affinity, affinityLoad }: Choice,
): EndpointState | undefined {
  if (affinity === undefined) return undefined
  let total = 0
  for (const { inflight } of usable) total += inflight
  const bound = Math.max(2, affinityLoad * (total / usable.length) + 1)
  let best: EndpointState | undefined
  let highest = -1
  for (const endpoint of usable) {
    // A new endpoint gets few at first, here too.
    if (endpoint.inflight >= bound * endpoint.warmth(now)) continue
    const weight = mix(affinity ^ endpoint.hash)
    if (weight > highest) {
      highest = weight
      best = endpoint
    }
  }
  return best
}

function lessLoadedOfTwo(usable: readonly EndpointState[], { now, random }: Choice): EndpointState | undefined {
  const first = Math.floor(random() * usable.length)
  const second = (first + 1 + Math.floor(random() * (usable.length - 1))) % usable.length
  const a = usable[first] as EndpointState
  const b = usable[second] as EndpointState
  return weigh(a, now) <= weigh(b, now) ? a : b
}

/** Requests count beside tokens, since short prompts cost an engine slot too. A cold endpoint looks busier than it is. */
const weigh = (endpoint: EndpointState, now: number): number =>
  (endpoint.load + 64 * (endpoint.inflight + 1)) / endpoint.warmth(now)

/** Murmur3's finaliser: spreads 32 bits. */
function mix(value: number): number {
  let hash = value
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
