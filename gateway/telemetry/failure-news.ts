// Tells that something fails, and that it works again: at once, and then at most every ten minutes.

const pauseMs = 600_000

/**
 * @param tell is given the problem, for people; undefined when all is well again
 * @param now milliseconds
 */
export function failureNews(tell: (problem: string | undefined) => void, now: () => number) {
  let failing = false
  let toldAt = -Infinity
  return {
    onFailure: (error: unknown): void => {
      if (failing && now() - toldAt < pauseMs) return
      failing = true
      toldAt = now()
      tell(error instanceof Error ? error.message : String(error))
    },
    onSuccess: (): void => {
      if (failing) tell(undefined)
      failing = false
    },
  }
}
