// What the gateway answers, from its settings alone. A test compares it with the real process, so that the walk may be believed
// where nothing runs.

import { belongsTo } from '../../gateway/auth/tenant-match.ts'
import { originHeader } from '../../gateway/security-headers.ts'
import { canaryPath } from '../../generators/schema/contract.ts'
import { type Declared, tenantsOf } from './declared.ts'
import { gatewayEnvironment, mountedOriginSecret, numberSetting } from './gateway-settings.ts'
import { bodyBytes, own, type WalkAnswer, type WalkRequest } from './request.ts'

/** What is asked in step 6, with the request as it arrives there. */
export type Gateway = (request: WalkRequest) => Promise<WalkAnswer>

const openPaths = /^(?:\/stream)?\/(?:|console(?:\/.*)?|docs(?:\/.*)?|openapi\.json)$/

/** Signature, audience and scopes are left to the real one. */
function isTenants(declared: Declared, authorization: string): boolean {
  const claims = JSON.parse(Buffer.from(authorization.split('.')[1] ?? '', 'base64url').toString()) as object
  return tenantsOf(declared).filter((tenant) => belongsTo({ ...claims }, tenant)).length === 1
}

const isStreamLane = ({ API_LANE, STREAM_LANE }: Record<string, string>, { path }: WalkRequest): boolean =>
  API_LANE === 'false' || (STREAM_LANE !== 'false' && path.startsWith('/stream/'))

const error = (status: number, code: string): WalkAnswer => own(status, JSON.stringify({ error: { code } }))

export const expectedGateway =
  (declared: Declared): Gateway =>
  async (request) => {
    const environment = gatewayEnvironment(declared, request)
    const accepted = Object.values(mountedOriginSecret(declared, request))
    const isRight = accepted.includes(request.headers[originHeader] ?? '')
    if (environment.ORIGIN_CHECK !== 'false' && !isRight) return error(403, 'forbidden')
    if (request.method === 'OPTIONS') return own(204, '')
    if (openPaths.test(request.path)) return own(200, '')
    const onStream = isStreamLane(environment, request)
    const { authorization = request.headers['x-api-key'] } = request.headers
    const isCanary = request.path.endsWith(canaryPath)
    if (authorization === undefined) return isCanary ? own(204, '') : error(401, 'missing_token')
    const isToken = authorization.split('.').length === 3
    if (!isToken && !onStream) return error(401, 'api_key_on_api_lane')
    if (isToken && !isTenants(declared, authorization)) return error(401, 'no_tenant')
    if (isCanary) return own(204, '')
    if (bodyBytes(request) > numberSetting(environment, 'BODY_LIMIT')) return error(413, 'body_too_large')
    const patience = numberSetting(environment, onStream ? 'ANSWER_SECONDS' : 'API_LANE_SECONDS')
    return request.modelSeconds > patience ? error(504, 'upstream_timeout') : own(200, '')
  }
