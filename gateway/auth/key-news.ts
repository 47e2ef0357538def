// Tells that the keys of an issuer cannot be read, and that they can again: at once, and then at most every ten minutes.

export type KeyEvent = 'jwks_failed' | 'jwks_read_again'

/** `problem` is for people; absent when all is well. */
export type TellKeys = (event: KeyEvent, issuer: string, problem?: string) => void

const pauseMs = 600_000

/** What a JwksStore calls. @param now milliseconds since 1970 */
export function keyNews(issuer: string, tell: TellKeys, now: () => number) {
  let failing = false
  let toldAt = -Infinity
  return {
    onFailure: (error: unknown): void => {
      if (failing && now() - toldAt < pauseMs) return
      failing = true
      toldAt = now()
      tell('jwks_failed', issuer, error instanceof Error ? error.message : String(error))
    },
    onRead: (): void => {
      if (failing) tell('jwks_read_again', issuer)
      failing = false
    },
  }
}
