// The credentials of a request: one Authorization header with the scheme Bearer, or Anthropic’s x-api-key.
import { AuthError } from './auth-error.ts'
import { maxTokenLength } from './jwt.ts'

const scheme = 'Bearer '

/** The token or key of the header; refused with AuthError when there is none, more than one or something else. */
export function bearerToken(authorization: string | readonly string[] | undefined): string {
  const value = typeof authorization === 'object' ? onlyOf(authorization) : authorization
  if (!value) throw new AuthError('missing')
  if (value.length > maxTokenLength + scheme.length) throw new AuthError('too_long')
  if (value.slice(0, scheme.length).toLowerCase() !== 'bearer ') throw new AuthError('malformed')
  return value.slice(scheme.length)
}

function onlyOf(values: readonly string[]): string | undefined {
  if (values.length > 1) throw new AuthError('malformed')
  return values[0]
}

/**
 * Every Authorization value of `request.rawHeaders`. `request.headers` will not do: Node keeps the first of several and
 * drops the rest, so another server on the way could have decided by a different one.
 */
export function authorizationValues(rawHeaders: readonly string[]): string[] {
  const values: string[] = []
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string
    // The length first: this runs for every header of every request.
    if (name.length === 13 && name.toLowerCase() === 'authorization') values.push(rawHeaders[index + 1] as string)
  }
  return values
}

/**
 * The Authorization values, or in their place what clients of Anthropic send. The HTTP API knows Authorization alone, so where both
 * are there it decides here too.
 */
export function credentialsIn(rawHeaders: readonly string[]): string[] {
  const values = authorizationValues(rawHeaders)
  if (values.length > 0) return values
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string
    if (name.length === 9 && name.toLowerCase() === 'x-api-key') values.push(scheme + rawHeaders[index + 1])
  }
  return values
}
