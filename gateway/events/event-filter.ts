// What the gateway must know of a stream's events, whatever API they are of: how each API says it is in a file of its own.
// Events are latin1 text: one character a byte.
import type { Usage } from '../wire/usage.ts'

/** What a stream's events look like: those of chat and completions, of OpenAI's Responses, or of Anthropic's Messages. */
export type EventForm = 'completions' | 'responses' | 'messages'

/**
 * What an event means for the stream. `opening`: said before anything of the answer is there, so that it waits for that;
 * `last`: data after which nothing follows; `done`: the end and nothing else.
 */
export type EventKind = 'opening' | 'data' | 'last' | 'comment' | 'done' | 'error'

/** Reads the events of one stream on their way to the client: token counts, the end, errors. */
export interface EventFilter {
  /** `[DONE]` follows the last event. */
  readonly endsWithDone: boolean
  /** Events with a piece of the answer; an estimate of its tokens when the engine counted none. */
  readonly dataEvents: number
  readonly usage: Usage | undefined
  /** Whether the engine said that the answer is complete: a stream without that was cut off. */
  readonly sawFinish: boolean
  kind(event: string): EventKind
  /** Takes note of an event with data; what the client gets of it, empty when nothing. */
  pass(event: string): string
}

const dataStart = 'data:'

/** Payload of an event's data lines, as text. */
export function eventData(event: string): string {
  const lines = Buffer.from(event, 'latin1').toString('utf8').split(/\r?\n/)
  return lines
    .filter((line) => line.startsWith(dataStart))
    .map((line) => (line[5] === ' ' ? line.slice(6) : line.slice(5)))
    .join('\n')
}

/** The value of an event's data; undefined when it is no JSON. */
export function eventJson(event: string): unknown {
  try {
    return JSON.parse(eventData(event))
  } catch {
    return undefined
  }
}

/** What an event with data is: by its line `event:`, else by the field `type` of its data. */
export function eventName(event: string): string {
  const [, name] = /^event: ?([\w.]+)/m.exec(event) ?? []
  if (name !== undefined) return name
  const type = fieldOf(eventJson(event), 'type')
  return typeof type === 'string' ? type : ''
}

/** A field of a value that may be no object. */
export const fieldOf = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined

/** For forms that name their events: comments, and `[DONE]` of engines that send it all the same. */
export function plainKind(event: string): 'comment' | 'done' | undefined {
  if (!/^data:/m.test(event)) return 'comment'
  return eventData(event).startsWith('[DONE]') ? 'done' : undefined
}

const newLine = 0x0a
const carriageReturn = 0x0d
const closeBrace = 0x7d

/** Whether an event with data holds a whole JSON object. Looking at its last character finds what is cut off. */
export function isWholeEvent(event: string): boolean {
  let end = event.length
  while (event.charCodeAt(end - 1) === newLine || event.charCodeAt(end - 1) === carriageReturn) end -= 1
  if (event.charCodeAt(end - 1) === closeBrace) return true
  const value = eventJson(event)
  return typeof value === 'object' && value !== null
}
