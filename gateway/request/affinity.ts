// Which requests belong together: those of one conversation begin alike, so an engine that has seen the beginning has
// its keys and values in memory.

import { ApiError } from '../api-error.ts'
import { hashText } from '../serving/endpoint-state.ts'
import { BodyScan, type Range } from './body-scan.ts'
import type { BodyFields } from './fields.ts'
import { skipSpace } from './skip-json.ts'

/** A beginning shorter than this is computed faster than found. */
const shortest = 64
const openBracket = 0x5b

/** Where the turns of a conversation are: of chat and Messages, of Responses. */
const conversations = ['messages', 'input'] as const
/** What comes before the first turn, where it is a field of its own: of Messages, of Responses. */
const preambles = ['system', 'instructions'] as const

/**
 * Hash of what a conversation begins with: the client's own key, or else the system prompt and the first user message,
 * or the prompt; at most `limit` bytes of each. Undefined when it is too short to matter.
 * @param tenant part of the hash: tenants do not share cached beginnings
 */
export function affinityOf(
  fields: BodyFields,
  tenant: string,
  sessionId: string | undefined,
  limit: number,
): number | undefined {
  let seed = hashText(tenant)
  const key = fields.string('prompt_cache_key') ?? sessionId
  if (key) return hashText(key.slice(0, limit), seed)
  const { body } = fields
  const beginningOf = ({ start, end }: Range) => body.toString('latin1', start, Math.min(end, start + limit))
  let known = 0
  for (const field of preambles) {
    const range = fields.range(field)
    if (!range) continue
    seed = hashText(beginningOf(range), seed)
    known += range.end - range.start
  }
  const turns = conversations.map((field) => fields.range(field)).find((range) => range !== undefined)
  const range =
    turns && body[turns.start] === openBracket
      ? { start: turns.start, end: endOfFirstUserMessage(body, turns, limit) }
      : (turns ?? fields.range('prompt'))
  if (!range || known + range.end - range.start < shortest) return undefined
  return hashText(beginningOf(range), seed)
}

/** Later messages change with every turn; what counts ends with the first message of the user, and never after `limit` bytes. */
function endOfFirstUserMessage(body: Buffer, { start, end }: Range, limit: number): number {
  // What is beyond the limit counts for nothing, and may be long.
  const most = Math.min(end, start + limit)
  let at = skipSpace(body, start + 1)
  while (at < most && body[at] === 0x7b) {
    const message = scanned(body.subarray(at, most))
    if (message.objectEnd < 0) return end
    const role = message.fields.get('role')
    const after = at + message.objectEnd
    if (role && body.toString('latin1', at + role.start, at + role.end) === '"user"') return after
    at = skipSpace(body, after)
    if (body[at] === 0x2c) at = skipSpace(body, at + 1)
  }
  return end
}

/** A message with a key twice, say, is for the engine to refuse. */
function scanned(bytes: Buffer): BodyScan {
  const scan = new BodyScan()
  try {
    scan.push(bytes)
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
  }
  return scan
}
