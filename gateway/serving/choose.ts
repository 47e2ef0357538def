// Which endpoint gets a request: of those that are well the less loaded of two, or the one that already knows the
// conversation's beginning.
import type { EndpointState } from './endpoint-state.ts'
import type { Standing } from './health.ts'

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
  /** Which endpoints may be taken that are not well: `some` when none is, `none` ever, `any` also when the well ones are full. */
  unwell: 'none' | 'some' | 'any'
  /** Only one that has answered and has not failed of late will do. */
  steadyOnly: boolean
  random: () => number
}

/** After those that are well, in this order. */
const unwell: readonly Standing[] = ['busy', 'due', 'out']

/**
 * The endpoint for one request, undefined when none may take it now.
 * @param endpoints those of the directory
 */
export function chooseEndpoint(endpoints: readonly EndpointState[], choice: Choice): EndpointState | undefined {
  const { now, slots, tried } = choice
  if (endpoints.length === 1 && tried.length === 0) return onlyOne(endpoints[0] as EndpointState, choice)
  const allowed = tried.length === 0 ? endpoints : endpoints.filter((one) => !tried.includes(one))
  const ready = allowed.filter((one) => one.ready)
  const serving = ready.length > 0 ? ready : allowed
  const standings = serving.map((one) => one.health.standing(now))
  const withRoom = (wanted: Standing) =>
    serving.filter((one, index) => standings[index] === wanted && one.inflight < slots)
  // The one request that looks whether it does better; a second try is not for that.
  if (tried.length === 0 && standings.includes('due')) {
    const [due] = withRoom('due')
    if (due) return due
  }
  const well = withRoom('well')
  if (choice.steadyOnly) return spread(steady(well, now), choice)
  if (well.length > 0) return spread(tried.length > 0 ? surest(well, now) : well, choice)
  // The well ones come free sooner than the others are well.
  if (choice.unwell === 'none' || (choice.unwell === 'some' && standings.includes('well'))) return undefined
  for (const standing of unwell) {
    const usable = withRoom(standing)
    if (usable.length > 0) return spread(usable, choice)
  }
  return undefined
}

/** A second try has no third: one that has answered is better than one of which nothing is known, or that has failed of late. */
function surest(well: readonly EndpointState[], now: number): readonly EndpointState[] {
  const best = steady(well, now)
  if (best.length > 0) return best
  const proven = well.filter(({ health }) => health.hasProven)
  return proven.length > 0 ? proven : well
}

const steady = (well: readonly EndpointState[], now: number): readonly EndpointState[] =>
  well.filter(({ health }) => health.isSteady(now))

/** Nothing is to choose; most models have one endpoint. */
function onlyOne(endpoint: EndpointState, { now, slots, unwell }: Choice): EndpointState | undefined {
  if (endpoint.inflight >= slots) return undefined
  const isFit = unwell !== 'none' || endpoint.health.standing(now) === 'well' || endpoint.health.standing(now) === 'due'
  return isFit ? endpoint : undefined
}

function spread(usable: readonly EndpointState[], choice: Choice): EndpointState | undefined {
  return usable.length < 2 ? usable[0] : (byAffinity(usable, choice) ?? lessLoadedOfTwo(usable, choice))
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
