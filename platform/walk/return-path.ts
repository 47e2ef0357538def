// Steps 8 and 9: the answer through the lane and through CloudFront. What was answered on the way passes only what it had passed.

import { behaviorOf, distributionOf } from './cloudfront.ts'
import { type Declared, theOnly } from './declared.ts'
import { corsOf, payloadLimitBytes } from './http-api.ts'
import { balancerType } from './into-vpc.ts'
import { own, type Step, type WalkAnswer, type WalkRequest } from './request.ts'

export interface ReturnPath {
  step: Step
  answer: WalkAnswer
}

const corsHeader = /^access-control-/

/** An HTTP API gathers the whole answer, and its own CORS headers take the place of the gateway’s. */
export function backThroughApi(declared: Declared, request: WalkRequest, answer: WalkAnswer): ReturnPath {
  const api = theOnly(declared, 'aws:apigatewayv2/api:Api')
  const step = { number: 8, part: 'HTTP API', resource: api.name, timeoutSeconds: undefined }
  if (Buffer.byteLength(answer.body) > payloadLimitBytes)
    return {
      step: { ...step, changes: [], says: 'the answer has more than 10 MB' },
      answer: own(500, JSON.stringify({ message: 'Internal Server Error' })),
    }
  const { allowOrigins, exposeHeaders } = corsOf(declared)
  const { origin } = request.headers
  const kept = Object.entries(answer.headers).filter(([name]) => !corsHeader.test(name))
  const cors: Record<string, string> =
    origin !== undefined && allowOrigins.includes(origin)
      ? { 'access-control-allow-origin': origin, 'access-control-expose-headers': exposeHeaders.join(',') }
      : {}
  return {
    step: {
      ...step,
      says: 'gathers the whole answer, then sends it',
      changes: Object.keys(cors).map((name) => `=${name}`),
    },
    answer: { ...answer, headers: { ...Object.fromEntries(kept), ...cors } },
  }
}

/** To a client inside. */
export const backThroughBalancer = (declared: Declared, answer: WalkAnswer): ReturnPath => ({
  step: {
    number: 8,
    part: 'ALB',
    resource: theOnly(declared, balancerType).name,
    says: 'passes each piece on as it comes',
    changes: [],
    timeoutSeconds: undefined,
  },
  answer,
})

export const backThroughOrigin = (declared: Declared, answer: WalkAnswer): ReturnPath => ({
  step: {
    number: 8,
    part: 'VPC origin',
    resource: theOnly(declared, 'aws:cloudfront/vpcOrigin:VpcOrigin').name,
    says: 'passes each piece on as it comes',
    changes: [],
    timeoutSeconds: undefined,
  },
  answer,
})

interface SecurityHeaders {
  strictTransportSecurity: {
    accessControlMaxAgeSec: number
    includeSubdomains: boolean
    preload: boolean
    override: boolean
  }
  contentTypeOptions: { override: boolean }
  frameOptions: { frameOption: string; override: boolean }
  referrerPolicy: { referrerPolicy: string; override: boolean }
  contentSecurityPolicy: { contentSecurityPolicy: string; override: boolean }
}

/** Name, value, and whether the origin’s own value is replaced. */
function headersOf(config: SecurityHeaders): [name: string, value: string, override: boolean][] {
  const {
    strictTransportSecurity: hsts,
    contentTypeOptions,
    frameOptions,
    referrerPolicy,
    contentSecurityPolicy,
  } = config
  const parts = [
    `max-age=${hsts.accessControlMaxAgeSec}`,
    ...(hsts.includeSubdomains ? ['includeSubDomains'] : []),
    ...(hsts.preload ? ['preload'] : []),
  ]
  return [
    ['strict-transport-security', parts.join('; '), hsts.override],
    ['x-content-type-options', 'nosniff', contentTypeOptions.override],
    ['x-frame-options', frameOptions.frameOption, frameOptions.override],
    ['referrer-policy', referrerPolicy.referrerPolicy, referrerPolicy.override],
    ['content-security-policy', contentSecurityPolicy.contentSecurityPolicy, contentSecurityPolicy.override],
  ]
}

export function backThroughCloudFront(declared: Declared, request: WalkRequest, answer: WalkAnswer): ReturnPath {
  const { inputs } = distributionOf(declared)
  const behavior = behaviorOf(inputs, request.path)
  const policies = declared.graph.resources.filter(({ id }) => id === behavior.responseHeadersPolicyId)
  const { securityHeadersConfig, removeHeadersConfig } = (policies[0]?.inputs ?? {}) as {
    securityHeadersConfig: SecurityHeaders
    removeHeadersConfig: { items: { header: string }[] }
  }
  const removed = removeHeadersConfig.items.map(({ header }) => header)
  const headers = Object.fromEntries(Object.entries(answer.headers).filter(([name]) => !removed.includes(name)))
  const changes = removed.filter((name) => name in answer.headers).map((name) => `-${name}`)
  for (const [name, value, override] of headersOf(securityHeadersConfig)) {
    if (headers[name] !== undefined && !override) continue
    if (headers[name] !== value) changes.push(`${headers[name] === undefined ? '+' : '='}${name}`)
    headers[name] = value
  }
  const kept = declared.graph.resources.find(({ id }) => id === behavior.cachePolicyId)
  const cached = kept !== undefined && answer.status === 200 ? `keeps it for ${kept.inputs.maxTtl} s` : 'keeps nothing'
  return {
    step: {
      number: 9,
      part: 'CloudFront',
      resource: policies[0]?.name ?? '–',
      says: `${cached}; security headers`,
      changes,
      timeoutSeconds: undefined,
    },
    answer: { ...answer, headers },
  }
}
