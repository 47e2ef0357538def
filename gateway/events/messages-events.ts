// Events of Anthropic's Messages: each has a name, `message_start` and `message_delta` have the counts, `message_stop` is the last one.
import { type Usage, usageOf } from '../wire/usage.ts'
import { type EventFilter, type EventKind, eventJson, eventName, fieldOf, plainKind } from './event-filter.ts'

const kinds: ReadonlyMap<string, EventKind> = new Map([
  ['message_start', 'opening'],
  ['message_stop', 'last'],
  ['ping', 'comment'],
  ['error', 'error'],
])

export class MessagesEvents implements EventFilter {
  readonly endsWithDone = false
  dataEvents = 0
  sawFinish = false
  /** The counts of the prompt come first, those of the answer last. */
  #counts: object = {}

  get usage(): Usage | undefined {
    return usageOf(this.#counts)
  }

  kind(event: string): EventKind {
    return plainKind(event) ?? kinds.get(eventName(event)) ?? 'data'
  }

  pass(event: string): string {
    const name = eventName(event)
    if (name === 'content_block_delta') this.dataEvents += 1
    else if (name === 'message_start') this.#note(fieldOf(fieldOf(eventJson(event), 'message'), 'usage'))
    else if (name === 'message_delta') this.#note(fieldOf(eventJson(event), 'usage'))
    else if (name === 'message_stop') this.sawFinish = true
    return event
  }

  #note(counts: unknown): void {
    if (typeof counts === 'object' && counts !== null) this.#counts = { ...this.#counts, ...counts }
  }
}
