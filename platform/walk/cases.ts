// The requests that are carried: what each is about, and what must become of it.
import { apiDomain } from '../../generators/schema/contract.ts'
import { hasHttpApi } from '../../generators/schema/edge-kinds.ts'
import type { WebAclRule } from '../edge/plan-web-acl.ts'
import { bearer, type Credentials, credentialCases } from './credential-cases.ts'
import { type Declared, theOnly, walkingModels } from './declared.ts'
import { clientOf, forEdge, outsider } from './edge-cases.ts'
import { payloadLimitBytes } from './http-api.ts'
import { balancerType } from './into-vpc.ts'
import type { WalkRequest } from './request.ts'
import type { Walked } from './walk.ts'
import { firewallOf } from './web-acl.ts'

export interface Case {
  name: string
  /** What the request is, for people. */
  sentence: string
  request: WalkRequest
  expected: { status: number; by: string }
  /** Why this cluster has no such case. */
  absent?: string
}

/** Whether a request ended with the status, and by the part, that it must. */
export const endsAsExpected = ({ answer, answeredBy }: Walked, { expected }: Case): boolean =>
  answer.status === expected.status && answeredBy === expected.by

/** Longer than the api lane waits, and no second more than one needs to say so. */
export const slowSeconds = 31

const chatBody = (model: string, content: string, more: object = {}): string =>
  JSON.stringify({ model, messages: [{ role: 'user', content }], max_tokens: 24, temperature: 0, ...more })

/** What an engineer pastes into a prompt: every body rule of the firewall takes it for an attack. */
const query = "SELECT name FROM users WHERE id = '1' OR '1'='1'; <script>alert(document.cookie)</script>\n"
const codePrompt = query.repeat(Math.ceil(12_288 / query.length))
const bodyFindings = [
  { group: 'AWSManagedRulesSQLiRuleSet', rule: 'SQLi_BODY' },
  { group: 'AWSManagedRulesCommonRuleSet', rule: 'CrossSiteScripting_BODY' },
]

/** What the rules of that name let through in a window. */
const limitOf = (declared: Declared, name: string): number => {
  const rules = firewallOf(declared).inputs.rules as WebAclRule[]
  return rules.find((rule) => rule.name === name)?.statement.rateBasedStatement?.limit ?? 0
}

/** What EventBridge sends: the target’s input as body, whatever the method, and a token when the connection has a client. */
function canaryCase(declared: Declared, like: WalkRequest, token: string): Case {
  const shared = { name: 'canary', sentence: 'what the canary asks', expected: { status: 204, by: 'gateway' } }
  // EventBridge asks from the internet.
  if (!hasHttpApi(declared.cluster)) return { ...shared, request: like }
  const { httpMethod, invocationEndpoint } = theOnly(
    declared,
    'aws:cloudwatch/eventApiDestination:EventApiDestination',
  ).inputs
  const { input } = theOnly(
    declared,
    'aws:cloudwatch/eventTarget:EventTarget',
    ({ inputs }) => inputs.input !== undefined,
  ).inputs
  const { authorizationType } = theOnly(declared, 'aws:cloudwatch/eventConnection:EventConnection').inputs
  const { hostname, pathname } = new URL(String(invocationEndpoint))
  return {
    ...shared,
    request: {
      ...like,
      method: String(httpMethod),
      host: hostname,
      path: pathname,
      headers: { 'content-type': 'application/json', ...(authorizationType !== 'API_KEY' && bearer(token)) },
      body: String(input),
    },
  }
}

export function casesOf(declared: Declared, credentials: Credentials): Case[] {
  const { domain, edge } = declared.cluster
  const sender = clientOf(declared.cluster)
  const { token } = credentials
  const models = walkingModels(declared)
  const request = (path: string, more: Partial<WalkRequest> = {}): WalkRequest => ({
    method: 'POST',
    path,
    host: domain,
    headers: { 'content-type': 'application/json', ...bearer(token) },
    body: chatBody(models.quick, 'Tell me a story.'),
    from: sender,
    findings: [],
    modelSeconds: 1,
    ...more,
  })
  const get = (path: string, more: Partial<WalkRequest> = {}) =>
    request(path, { method: 'GET', headers: {}, body: undefined, ...more })
  const chat = '/v1/chat/completions'
  const answered = { status: 200, by: 'gateway' }
  const onStream = edge.streamLane ? {} : { absent: 'edge.streamLane is false' }
  const limits = { rate: limitOf(declared, 'rate-limit'), abuse: limitOf(declared, 'abuse-limit') }
  const after = (earlier: number) => ({ from: { ...sender, earlier } })
  const refusedCountry = edge.geo?.mode === 'block' ? edge.geo.countries[0] : 'ZZ'
  const preflight = {
    method: 'OPTIONS',
    headers: { origin: `https://${domain}`, 'access-control-request-method': 'POST' },
  }
  const large = chatBody(models.quick, 'x'.repeat(payloadLimitBytes))
  return forEdge(declared.cluster, [
    { name: 'chat', sentence: 'a question, answered whole', request: request(chat), expected: answered },
    {
      name: 'streamed-chat',
      sentence: 'the same as a stream',
      request: request(`/stream${chat}`, { body: chatBody(models.quick, 'Tell me a story.', { stream: true }) }),
      expected: answered,
      ...onStream,
    },
    {
      name: 'code-prompt',
      sentence: `a prompt of ${Math.round(codePrompt.length / 1024)} KB with SQL and code in it`,
      request: request(chat, {
        body: chatBody(models.slow, codePrompt),
        findings: bodyFindings,
      }),
      expected: answered,
    },
    {
      name: 'code-elsewhere',
      sentence: 'the same body on a path that takes no prompt',
      request: request('/v1/files', { body: chatBody(models.slow, codePrompt), findings: bodyFindings }),
      expected: { status: 403, by: 'WAF' },
    },
    {
      name: 'rate-limit',
      sentence: `request ${limits.rate + 1} without credentials of one address in a minute`,
      request: get('/console', after(limits.rate)),
      expected: { status: 429, by: 'WAF' },
    },
    {
      name: 'tenant-rate',
      sentence: 'the same with a token',
      request: request(chat, after(limits.rate)),
      expected: answered,
    },
    {
      name: 'tenant-rate-key',
      sentence: 'the same with a key in x-api-key, stream lane',
      request: request(`/stream${chat}`, {
        headers: { 'content-type': 'application/json', 'x-api-key': credentials.apiKey },
        ...after(limits.rate),
      }),
      expected: answered,
      ...onStream,
    },
    {
      name: 'abuse-limit',
      sentence: `request ${limits.abuse + 1} with a token of one address in a minute`,
      request: request(chat, after(limits.abuse)),
      expected: { status: 429, by: 'WAF' },
    },
    ...credentialCases(declared.cluster, credentials, request(chat), request(`/stream${chat}`)),
    canaryCase(declared, request(''), credentials.canary),
    {
      name: 'get-with-body',
      sentence: 'a GET with a body',
      request: request('/openapi.json', { method: 'GET', headers: {}, body: '{}' }),
      expected: { status: 403, by: 'CloudFront' },
    },
    { name: 'console', sentence: 'the console page, without token', request: get('/console'), expected: answered },
    {
      name: 'model-list',
      sentence: 'the list of models, which CloudFront keeps for a token',
      request: get('/v1/models', { headers: bearer(token) }),
      expected: answered,
    },
    {
      name: 'load-balancer',
      sentence: 'straight to the ALB by its name',
      request: request(`/stream${chat}`, {
        host: String(theOnly(declared, balancerType).outputs.dnsName),
        from: outsider,
      }),
      expected: { status: 0, by: 'ALB' },
    },
    {
      name: 'api-domain',
      sentence: 'past CloudFront to the HTTP API’s domain, with a good token',
      request: request(chat, { host: apiDomain(domain) }),
      expected:
        edge.mutualTls?.truststore === undefined ? { status: 403, by: 'gateway' } : { status: 0, by: 'HTTP API' },
    },
    {
      name: 'execute-api',
      sentence: 'to the name that AWS gave the HTTP API',
      request: request(chat, {
        host: `${declared.graph.outputs.apiId}.execute-api.${declared.cluster.region}.amazonaws.com`,
      }),
      expected: { status: 404, by: 'HTTP API' },
    },
    {
      name: 'country',
      sentence: `from a country that is not let in (${refusedCountry})`,
      request: request(chat, { from: { ...sender, country: refusedCountry ?? '' } }),
      expected: { status: 403, by: 'CloudFront' },
      ...(edge.geo === undefined && { absent: 'the cluster file names no countries (edge.geo)' }),
    },
    {
      name: 'slow',
      sentence: `an answer that takes ${slowSeconds} s, api lane`,
      request: request(chat, { body: chatBody(models.slow, 'Think.'), modelSeconds: slowSeconds }),
      expected: { status: 504, by: 'gateway' },
    },
    {
      name: 'slow-stream-lane',
      sentence: 'the same on the stream lane',
      request: request(`/stream${chat}`, { body: chatBody(models.slow, 'Think.'), modelSeconds: slowSeconds }),
      expected: answered,
      ...onStream,
    },
    {
      name: 'upload',
      sentence: 'more than 10 MB, api lane',
      request: request(chat, { body: large }),
      expected: { status: 413, by: 'HTTP API' },
    },
    {
      name: 'upload-stream-lane',
      sentence: 'the same on the stream lane',
      request: request(`/stream${chat}`, { body: large }),
      expected: { status: 413, by: 'gateway' },
      ...onStream,
    },
    {
      name: 'preflight',
      sentence: 'a browser asks whether it may, api lane',
      request: get(chat, preflight),
      expected: { status: 204, by: 'HTTP API' },
    },
    {
      name: 'preflight-stream',
      sentence: 'the same on the stream lane',
      request: get(`/stream${chat}`, preflight),
      expected: { status: 204, by: 'gateway' },
      ...onStream,
    },
  ])
}
