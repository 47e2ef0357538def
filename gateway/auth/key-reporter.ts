// Reports that the keys of an issuer cannot be read, and that they can again.
import { failureReporter } from '../telemetry/failure-reporter.ts'

export type KeyEvent = 'jwks_failed' | 'jwks_read_again'

/** `problem` is for people; absent when all is well. */
export type ReportKeys = (event: KeyEvent, issuer: string, problem?: string) => void

/** What a JwksStore calls. @param now milliseconds since 1970 */
export function keyReporter(issuer: string, report: ReportKeys, now: () => number) {
  const { onFailure, onSuccess } = failureReporter((problem) => {
    if (problem === undefined) report('jwks_read_again', issuer)
    else report('jwks_failed', issuer, problem)
  }, now)
  return { onFailure, onRead: onSuccess }
}
