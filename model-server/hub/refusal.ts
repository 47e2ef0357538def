// What a Hub’s refusals mean, and what to do about each.
import type { IncomingMessage } from 'node:http'
import { Unavailable } from '../fetch/unavailable.ts'
import { UserMistake } from '../user-mistake.ts'

export interface Asked {
  model: string
  revision: string
  file?: string
}

export function refusal(
  { statusCode: status, headers }: IncomingMessage,
  asked: Asked,
  hub: URL,
  hasToken: boolean,
): Error {
  const { model, revision, file } = asked
  const page = new URL(model, hub).href
  const code = String(headers['x-error-code'] ?? '')
  if (code === 'GatedRepo' || status === 403)
    return new UserMistake(
      hasToken
        ? `${model} is gated, and the account of HF_TOKEN may not read it: accept its terms at ${page}`
        : `${model} is gated: accept its terms at ${page}, then set HF_TOKEN to a token of that account`,
    )
  if (code === 'RevisionNotFound')
    return new UserMistake(`${model} has no revision ${revision}: take a commit from ${page}/commits/main`)
  if (code === 'EntryNotFound' || (status === 404 && file !== undefined))
    return new UserMistake(`${model} has no file ${file ?? ''} at ${revision}: see ${page}/tree/${revision}`)
  if (status === 401 && hasToken && code !== 'RepoNotFound')
    return new UserMistake(`${hub.host} refuses HF_TOKEN: make a new one at ${new URL('settings/tokens', hub).href}`)
  if (status === 401 || status === 404)
    return new UserMistake(
      `${model} is not at ${hub.host}, or is private: check the id${hasToken ? ' and whether the account of HF_TOKEN may read it' : '; for a private model set HF_TOKEN'}`,
    )
  return busy(
    `${hub.host}: ${status === 429 ? 'asks to slow down' : `answers ${status}`} for ${file ?? model}`,
    headers,
  )
}

export function busy(message: string, headers: IncomingMessage['headers']): Unavailable {
  const wait = Number(headers['retry-after'] ?? Number.NaN)
  return new Unavailable(message, Number.isFinite(wait) ? { retryAfter: wait } : {})
}
