// Fields of OpenAI's Responses that need something kept from an earlier request. Nothing is kept here: an answer of one pod would not
// be known to the next one, and prompts would lie in an engine's memory. OpenAI's clients send `store` only when they are told to, so
// its absence says nothing, and the answer is not stored.
import { type ApiError, invalidRequest } from '../api-error.ts'
import type { BodyFields } from './fields.ts'

const nothingKept = 'nothing is kept between requests'

const stored: readonly [field: string, instead: string][] = [
  ['previous_response_id', 'send the whole conversation in input'],
  ['conversation', 'send the whole conversation in input'],
  ['prompt', 'send its text in instructions and input'],
]

/** @throws ApiError 400 naming the field */
export function checkStateless(fields: BodyFields): void {
  if (fields.boolean('store')) throw refused('store', 'leave it out or send false')
  if (fields.boolean('background')) throw refused('background', 'ask for a stream')
  for (const [field, instead] of stored) if (isSet(fields, field)) throw refused(field, instead)
}

/** Null is the field’s absence. */
function isSet(fields: BodyFields, field: string): boolean {
  const range = fields.range(field)
  return range !== undefined && fields.body.toString('latin1', range.start, range.end) !== 'null'
}

const refused = (field: string, instead: string): ApiError =>
  invalidRequest(`${field} cannot be honoured, since ${nothingKept}: ${instead}.`, field)
