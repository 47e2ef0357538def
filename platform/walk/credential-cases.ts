// Requests that differ in whom they say they are from.
import { originHeader } from '../../gateway/security-headers.ts'
import type { Cluster } from '../../generators/schema/cluster.ts'
import { kindOf } from '../../generators/schema/oidc.ts'
import type { Case } from './cases.ts'
import type { WalkRequest } from './request.ts'

export interface Credentials {
  /** Access token of a tenant, signed with RS256. */
  token: string
  /** The same, signed with ES256. */
  elliptic: string
  /** A good access token of a client that belongs to no tenant. */
  stranger: string
  /** Of the client that the cluster file names for the canary, or of the tenant. */
  canary: string
  apiKey: string
}

export const bearer = (value: string) => ({ authorization: `Bearer ${value}` })

const json = { 'content-type': 'application/json' }

const withHeaders = (request: WalkRequest, headers: Record<string, string>): WalkRequest => ({ ...request, headers })

/** @param api the question with a good token, `stream` the same on the stream lane */
export function credentialCases(
  { edge, oidc }: Cluster,
  { token, elliptic, stranger, apiKey }: Credentials,
  api: WalkRequest,
  stream: WalkRequest,
): Case[] {
  // An issuer in the private network is asked by the gateway alone, and where there is no HTTP API every issuer is.
  const isAsked = oidc.private === undefined && edge.kind !== 'none'
  const atTheApi = isAsked ? 'HTTP API' : 'gateway'
  const answered = { status: 200, by: 'gateway' }
  const onStream = edge.streamLane ? {} : { absent: 'edge.streamLane is false' }
  const forged = { ...json, ...bearer(token), 'x-auth-sub': 'somebody-else', [originHeader]: 'guessed' }
  return [
    {
      name: 'no-token',
      sentence: 'no token, api lane',
      request: withHeaders(api, json),
      expected: { status: 401, by: atTheApi },
    },
    {
      name: 'no-token-stream',
      sentence: 'no token, stream lane',
      request: withHeaders(stream, json),
      expected: { status: 401, by: 'gateway' },
      ...onStream,
    },
    {
      name: 'stranger',
      sentence: 'a good token of a client that no tenant names, api lane',
      request: withHeaders(api, { ...json, ...bearer(stranger) }),
      expected: { status: 401, by: kindOf(oidc).hasAudience ? 'gateway' : atTheApi },
    },
    {
      name: 'stranger-stream',
      sentence: 'the same on the stream lane',
      request: withHeaders(stream, { ...json, ...bearer(stranger) }),
      expected: { status: 401, by: 'gateway' },
      ...onStream,
    },
    {
      name: 'elliptic',
      sentence: 'a token signed with ES256, api lane',
      request: withHeaders(api, { ...json, ...bearer(elliptic) }),
      expected: isAsked ? { status: 401, by: atTheApi } : answered,
    },
    {
      name: 'elliptic-stream',
      sentence: 'the same on the stream lane',
      request: withHeaders(stream, { ...json, ...bearer(elliptic) }),
      expected: answered,
      ...onStream,
    },
    {
      name: 'api-key',
      sentence: 'an API key, api lane',
      request: withHeaders(api, { ...json, ...bearer(apiKey) }),
      expected: { status: 401, by: atTheApi },
    },
    {
      name: 'api-key-stream',
      sentence: 'an API key, stream lane',
      request: withHeaders(stream, { ...json, ...bearer(apiKey) }),
      expected: answered,
      ...onStream,
    },
    {
      name: 'forged-identity',
      sentence: 'identity and origin headers that the client made up, api lane',
      request: withHeaders(api, forged),
      expected: answered,
    },
    {
      name: 'forged-identity-stream',
      sentence: 'the same on the stream lane',
      request: withHeaders(stream, forged),
      expected: answered,
      ...onStream,
    },
  ]
}
