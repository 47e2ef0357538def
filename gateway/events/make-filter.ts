// The reader of a stream's events, by the form that the route speaks.
import type { EngineRequest } from '../request/engine-request.ts'
import { CompletionEvents } from './completion-events.ts'
import type { EventFilter } from './event-filter.ts'
import { MessagesEvents } from './messages-events.ts'
import { ResponsesEvents } from './responses-events.ts'

export function makeFilter({ events, usage, answers }: EngineRequest): EventFilter {
  if (events === 'responses') return new ResponsesEvents()
  return events === 'messages' ? new MessagesEvents() : new CompletionEvents(usage, answers)
}
