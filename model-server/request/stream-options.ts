// Whether an answer streams, and what of its usage is sent.
import type { UsageOptions } from '../answer/event-stream.ts'
import { badParameter } from '../api-error.ts'
import type { Fields } from './fields.ts'

export interface StreamOptions {
  stream: boolean
  usage: UsageOptions
}

/**
 * @param forced --enable-force-include-usage: in every chunk and at the end, whatever the client says
 * @throws ApiError 400
 */
export function readStreamOptions(fields: Fields, forced: boolean): StreamOptions {
  const stream = fields.boolean('stream') ?? false
  const given = fields.all.stream_options ?? undefined
  if (given !== undefined && (typeof given !== 'object' || Array.isArray(given))) {
    const message = 'Input should be a valid dictionary or object to extract fields from'
    fields.wrong('model_attributes_type', 'stream_options', message, given)
  }
  fields.done()
  if (given !== undefined && !stream)
    throw badParameter('Stream options can only be defined when `stream=True`.', 'stream_options')
  const { include_usage: atEnd, continuous_usage_stats: inEvery } = (given ?? {}) as Record<string, unknown>
  const usage = { atEnd: forced || atEnd === true, inEvery: forced || (atEnd === true && inEvery === true) }
  return { stream, usage }
}
