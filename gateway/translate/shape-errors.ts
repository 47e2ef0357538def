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

/** The words that Hugging Face's Python client knows: it matches these four, in lower case, and no others. */
function errorType(status: number, code: string): string {
  if (status === 429 || code === 'model_starting') return 'overloaded'
  if (code === 'upstream_disconnected' || code === 'stream_truncated') return 'incomplete_generation'
  return status < 500 ? 'validation' : 'generation'
}

/** Input that cannot be translated; 422, as Hugging Face's servers say it. */
export const invalidInput = (message: string, param?: string): ApiError =>
  new ApiError({ status: 422, code: 'validation', message, param, retry: false })

/** An engine's answer that is not what its API promises; it is told to nobody. */
export class BrokenAnswer extends Error {}
