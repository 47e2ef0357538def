// How a request that ended with an error counts.
import type { ApiError } from '../api-error.ts'
import type { CallRecord } from './call.ts'

export function outcomeOf({ status, code }: ApiError): CallRecord['outcome'] {
  if (code === 'model_overloaded') return 'overloaded'
  return status < 500 ? 'client_error' : 'error'
}
