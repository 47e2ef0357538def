// Events of OpenAI's Responses: each has a name, and `response.completed` or `response.incomplete` is the last one and has the counts.
import { type Usage, usageOf } from '../wire/usage.ts'
import { type EventFilter, type EventKind, eventJson, eventName, fieldOf, plainKind } from './event-filter.ts'

const kinds: ReadonlyMap<string, EventKind> = new Map([
  ['response.queued', 'opening'],
  ['response.created', 'opening'],
  ['response.in_progress', 'opening'],
  ['response.completed', 'last'],
  ['response.incomplete', 'last'],
  ['response.failed', 'error'],
  ['error', 'error'],
])

export class ResponsesEvents implements EventFilter {
  readonly endsWithDone = false
  dataEvents = 0
  usage: Usage | undefined
  sawFinish = false

  kind(event: string): EventKind {
    return plainKind(event) ?? kinds.get(eventName(event)) ?? 'data'
  }

  pass(event: string): string {
    const name = eventName(event)
    if (name.endsWith('.delta')) this.dataEvents += 1
    if (kinds.get(name) === 'last') {
      this.sawFinish = true
      this.usage = usageOf(fieldOf(fieldOf(eventJson(event), 'response'), 'usage'))
    }
    return event
  }
}
