// Step 1: CloudFront. Countries first, then the path chooses origin and cache; the origin’s own headers are added.

import { originIds } from '../edge/plan-edge.ts'
import type { Resource } from '../graph/graph.ts'
import { type Declared, theOnly } from './declared.ts'
import { checkCertificate } from './http-api.ts'
import { BrokenPath, own, type Passage, type WalkRequest } from './request.ts'

interface Behavior {
  pathPattern?: string
  targetOriginId: string
  viewerProtocolPolicy: string
  allowedMethods: string[]
  cachePolicyId: string
  responseHeadersPolicyId: string
}

interface Origin {
  originId: string
  domainName: string
  customHeaders: { name: string; value: string }[]
  customOriginConfig?: { originReadTimeout: number; originMtlsConfig?: { clientCertificateArn: string } }
  vpcOriginConfig?: { vpcOriginId: string; originReadTimeout: number }
}

export interface Distribution {
  aliases: string[]
  webAclId: string
  origins: Origin[]
  defaultCacheBehavior: Behavior
  orderedCacheBehaviors: Behavior[]
  restrictions: { geoRestriction: { restrictionType: 'none' | 'whitelist' | 'blacklist'; locations: string[] } }
}

export const distributionType = 'aws:cloudfront/distribution:Distribution'

export const distributionOf = (declared: Declared): Resource & { inputs: Distribution } =>
  theOnly(declared, distributionType) as unknown as Resource & { inputs: Distribution }

/** `*` is any text, `?` one character; patterns know no other sign (CloudFront’s Developer Guide, path pattern). */
export const matchesPattern = (pattern: string, path: string): boolean =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  ).test(path)

/** The first that matches in the order of the list; the default one takes the rest. */
export const behaviorOf = ({ orderedCacheBehaviors, defaultCacheBehavior }: Distribution, path: string): Behavior =>
  orderedCacheBehaviors.find(({ pathPattern = '' }) => matchesPattern(pathPattern, path)) ?? defaultCacheBehavior

export function originOf(distribution: Distribution, { path }: WalkRequest): Origin {
  const { targetOriginId } = behaviorOf(distribution, path)
  const found = distribution.origins.find(({ originId }) => originId === targetOriginId)
  if (found === undefined) throw new BrokenPath(`the distribution has no origin ${targetOriginId}`)
  return found
}

export const laneOf = (distribution: Distribution, request: WalkRequest): 'api' | 'stream' =>
  originOf(distribution, request).originId === originIds.stream ? 'stream' : 'api'

/** CloudFront asks this before the firewall (AWS WAF Developer Guide, geographic match rule statement). */
function refusesCountry({ restrictions }: Distribution, country: string): boolean {
  const { restrictionType, locations } = restrictions.geoRestriction
  if (restrictionType === 'none') return false
  return locations.includes(country) === (restrictionType === 'blacklist')
}

export function passCloudFront(declared: Declared, request: WalkRequest): Passage {
  const { name, inputs: distribution } = distributionOf(declared)
  const behavior = behaviorOf(distribution, request.path)
  const origin = originOf(distribution, request)
  const step = {
    number: 1,
    part: 'CloudFront',
    resource: name,
    changes: [] as string[],
    timeoutSeconds: (origin.customOriginConfig ?? origin.vpcOriginConfig)?.originReadTimeout,
  }
  if (refusesCountry(distribution, request.from.country))
    return { step: { ...step, says: `country ${request.from.country} is refused` }, answer: own(403, 'Blocked') }
  if (!behavior.allowedMethods.includes(request.method))
    return { step: { ...step, says: `${request.method} is not allowed here` }, answer: own(403, 'Bad request') }
  // Developer Guide, “GET requests that include a body”.
  if (request.method === 'GET' && request.body !== undefined)
    return { step: { ...step, says: 'a GET with a body is refused' }, answer: own(403, 'Bad request') }
  if (origin.originId === originIds.api)
    checkCertificate(declared, origin.customOriginConfig?.originMtlsConfig?.clientCertificateArn)
  const added = Object.fromEntries(origin.customHeaders.map((header) => [header.name, header.value]))
  // A client’s own value does not survive: CloudFront replaces it by the origin’s.
  const changes = [...Object.keys(added).map((header) => `=${header}`), '=host', '+x-forwarded-for']
  const forwarded = [request.headers['x-forwarded-for'], request.from.address].filter(Boolean).join(', ')
  return {
    step: { ...step, changes, says: `${behavior.pathPattern ?? 'default'} goes to origin ${origin.originId}` },
    request: {
      ...request,
      host: origin.domainName,
      headers: { ...request.headers, ...added, host: origin.domainName, 'x-forwarded-for': forwarded },
    },
  }
}
