// Reports that something fails, and that it works again: at once, and then at most every ten minutes.

const pauseMs = 600_000

/**
 * @param report is given the problem, for people; undefined when all is well again
 * @param now milliseconds
 */
export function failureReporter(report: (problem: string | undefined) => void, now: () => number) {
  let failing = false
  let reportedAt = -Infinity
  return {
    onFailure: (error: unknown): void => {
      if (failing && now() - reportedAt < pauseMs) return
      failing = true
      reportedAt = now()
      report(error instanceof Error ? error.message : String(error))
    },
    onSuccess: (): void => {
      if (failing) report(undefined)
      failing = false
    },
  }
}
