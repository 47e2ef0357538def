// How many texts one field of a request holds: each of them is work of its own for the engine.
import { invalidRequest } from '../api-error.ts'
import type { BodyFields } from './fields.ts'
import { skipSpace, skipValue } from './scan-object.ts'

const quote = 0x22
const openBracket = 0x5b
const closeBracket = 0x5d
const comma = 0x2c

/**
 * 1 for a text, a list of token ids or no such field; else the length of a list of texts or of lists of token ids.
 * @param most that one request may hold
 * @throws ApiError 400
 */
export function listLength(fields: BodyFields, key: string, most: number): number {
  const range = fields.range(key)
  const { body } = fields
  if (!range || body[range.start] !== openBracket) return 1
  let at = skipSpace(body, range.start + 1)
  if (body[at] !== quote && body[at] !== openBracket) return 1
  for (let count = 1; ; count += 1) {
    if (count > most) throw invalidRequest(`${key} must hold at most ${most} texts.`, key)
    const end = skipValue(body, at)
    at = end < 0 ? range.end : skipSpace(body, end)
    if (body[at] !== comma) {
      if (body[at] !== closeBracket) throw invalidRequest(`${key} is not valid JSON.`, key)
      return count
    }
    at = skipSpace(body, at + 1)
  }
}
