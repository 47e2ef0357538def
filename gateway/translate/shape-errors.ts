// Errors in the shape of the client's family, and the errors of translations themselves.
import { ApiError } from '../api-error.ts'
import type { EventForm } from '../events/event-filter.ts'
import type { Family } from '../request/received.ts'

export interface ShownError {
  status: number
  message: string
  type: string
  code: string
  param: string | null
}

/** JSON text of an error as OpenAI's clients, Hugging Face's or Anthropic's read it. */
export function errorForShape(family: Family, error: ShownError): string {
  const { status, message, type, code, param } = error
  if (family === 'openai') return JSON.stringify({ error: { message, type, param, code } })
  if (family === 'anthropic') return JSON.stringify({ type: 'error', error: { type: anthropicType(error), message } })
  return JSON.stringify({ error: message, error_type: errorType(status, code) })
}

/**
 * The event that ends a stream which broke off. OpenAI's clients raise an error for data with `error`, whatever the stream; those
 * that read its Responses by hand look for the fields beside it.
 */
export function errorEvent(family: Family, events: EventForm, error: ShownError): string {
  const body = errorForShape(family, error)
  if (events === 'completions') return `data: ${body}\n\n`
  if (events === 'messages') return `event: error\ndata: ${body}\n\n`
  const { message, code, param, type } = error
  return `event: error\ndata: ${JSON.stringify({ type: 'error', code, message, param, error: { message, type, param, code } })}\n\n`
}

/** https://docs.anthropic.com/en/api/errors; the status decides, and Anthropic's client too goes by it. */
function anthropicType({ status }: ShownError): string {
  const known = anthropicTypes.get(status)
  return known ?? (status < 500 ? 'invalid_request_error' : 'api_error')
}

const anthropicTypes: ReadonlyMap<number, string> = new Map([
  [401, 'authentication_error'],
  [403, 'permission_error'],
  [404, 'not_found_error'],
  [413, 'request_too_large'],
  [429, 'rate_limit_error'],
  [504, 'timeout_error'],
])

/** Statuses that are not about the input: Hugging Face's client would otherwise call them a ValidationError. */
const typeByStatus: ReadonlyMap<number, string> = new Map([
  [401, 'unauthorized'],
  [403, 'forbidden'],
  [404, 'not_found'],
  [429, 'overloaded'],
  [503, 'overloaded'],
])

/**
 * Hugging Face's Python client gives `overloaded`, `incomplete_generation`, `generation` and `validation` a class of
 * their own, and matches them in lower case only.
 */
function errorType(status: number, code: string): string {
  if (code === 'upstream_disconnected' || code === 'stream_truncated') return 'incomplete_generation'
  return typeByStatus.get(status) ?? (status < 500 ? 'validation' : 'generation')
}

/** A call that cannot be translated, or an engine's answer that cannot. */
export class TranslationError extends ApiError {}

/** Input that cannot be translated; 422, as Hugging Face's servers say it. */
export const invalidInput = (message: string, param?: string): TranslationError =>
  new TranslationError({ status: 422, code: 'validation', message, param, retry: false })

/** @param what in our own words: nothing of the engine's answer may reach the client */
export const brokenAnswer = (what: string): TranslationError =>
  new TranslationError({
    status: 502,
    code: 'upstream_error',
    message: `The model server gave an answer that cannot be used: ${what}.`,
    reason: 'broken_answer',
  })
