// Tells that the keys of an issuer cannot be read, and that they can again.
import { failureNews } from '../telemetry/failure-news.ts'

export type KeyEvent = 'jwks_failed' | 'jwks_read_again'

/** `problem` is for people; absent when all is well. */
export type TellKeys = (event: KeyEvent, issuer: string, problem?: string) => void

/** What a JwksStore calls. @param now milliseconds since 1970 */
export function keyNews(issuer: string, tell: TellKeys, now: () => number) {
  const { onFailure, onSuccess } = failureNews((problem) => {
    if (problem === undefined) tell('jwks_read_again', issuer)
    else tell('jwks_failed', issuer, problem)
  }, now)
  return { onFailure, onRead: onSuccess }
}
