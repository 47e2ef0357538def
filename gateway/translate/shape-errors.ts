// Errors in the shape of the client's family, and the errors of translations themselves.
import { ApiError } from '../api-error.ts'

export interface ShownError {
  status: number
  message: string
  type: string
  code: string
  param: string | null
}

/** JSON text of an error as OpenAI's clients, or Hugging Face's, read it. */
export function errorForShape(
  family: 'openai' | 'huggingface',
  { status, message, type, code, param }: ShownError,
): string {
  return family === 'openai'
    ? JSON.stringify({ error: { message, type, param, code } })
    : JSON.stringify({ error: message, error_type: errorType(status, code) })
}

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
