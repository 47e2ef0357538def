// Errors for a request without a place: the model is full, or not ready yet.
import { ApiError } from '../api-error.ts'
import type { Wake } from '../waking/wake.ts'

/** @param seconds of an engine that said how long it is busy; clients that were refused together must not come back together */
export const overloaded = (model: string, reason: string, seconds = 1): ApiError =>
  new ApiError({
    status: 429,
    code: 'model_overloaded',
    message: `The model ${model} has no free place now.`,
    retryAfter: seconds + Math.random() * 4,
    reason,
  })

/** @param hint a sentence for its client */
export function modelStarting(model: string, hint: string, wake: Wake | undefined, now: number): ApiError {
  const { secondsLeft } = wake?.report(now) ?? {}
  const when = secondsLeft === undefined ? '' : ` It should be ready in about ${secondsLeft} s.`
  return new ApiError({
    status: 504,
    code: 'model_starting',
    message: `The model ${model} is starting and was not ready in time.${when}${hint}`,
    retryAfter: wake?.retryAfter(now) ?? 10,
  })
}
