// What reads a stream's events, by the form that the route speaks, and what notes what a client has heard.
import type { EngineRequest } from '../request/engine-request.ts'
import { CompletionEvents } from './completion-events.ts'
import type { EventFilter } from './event-filter.ts'
import { MessagesEvents } from './messages-events.ts'
import { ResponsesEvents } from './responses-events.ts'
import { SpokenText } from './spoken-text.ts'

export function makeFilter({ events, usage, answers }: EngineRequest): EventFilter {
  if (events === 'responses') return new ResponsesEvents()
  return events === 'messages' ? new MessagesEvents() : new CompletionEvents(usage, answers)
}

/** For a stream of one text, which another engine could go on with. */
export const makeSpoken = ({ stream, events, answers, translation }: EngineRequest): SpokenText | undefined =>
  stream && events === 'completions' && answers === 1 && !translation ? new SpokenText() : undefined
