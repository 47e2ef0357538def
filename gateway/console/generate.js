// One streamed answer of a model that generates: its text as it comes, and how fast it came.
import { ApiFailure, call, errorIn } from './api.js'
import { readEvents } from './event-stream.js'

/**
 * @typedef {object} Measured
 * @property {number} startedAt clock of the browser, in milliseconds, as are the next two
 * @property {number} firstAt of the first text; 0 before it
 * @property {number} lastAt of the newest text, or the end
 * @property {number} pieces events with text
 * @property {{prompt_tokens: number, completion_tokens: number} | undefined} usage as the engine counted
 * @property {string} finish
 */

/**
 * @param {{path: string, body: object}} request
 * @param {AbortSignal} signal
 * @param {(text: string, kind: 'answer' | 'reasoning', measured: Measured) => void} onText
 * @returns {Promise<Measured>}
 * @throws {ApiFailure} also when the answer breaks off; the AbortError of `signal`
 */
export async function generate({ path, body }, signal, onText) {
  const measured = { startedAt: performance.now(), firstAt: 0, lastAt: 0, pieces: 0, usage: undefined, finish: '' }
  const response = await call(path, { body: { ...body, stream_options: { include_usage: true } }, signal })
  for await (const data of untilLost(readEvents(response.body), signal)) {
    if (data === '[DONE]') return measured
    const event = eventOf(data)
    if (event.usage) measured.usage = event.usage
    const choice = event.choices?.[0]
    if (!choice) continue
    if (choice.finish_reason) measured.finish = choice.finish_reason
    const { text = choice.delta?.content, delta = {} } = choice
    const reasoning = delta.reasoning_content ?? delta.reasoning
    if (!text && !reasoning) continue
    measured.lastAt = performance.now()
    measured.firstAt ||= measured.lastAt
    measured.pieces += 1
    if (reasoning) onText(reasoning, 'reasoning', measured)
    if (text) onText(text, 'answer', measured)
  }
  throw brokenOff('stream_cut')
}

const brokenOff = (code) =>
  new ApiFailure({ status: 200, code, message: 'The connection ended before the answer was complete.' })

function eventOf(data) {
  let event
  try {
    event = JSON.parse(data)
  } catch {
    throw new ApiFailure({ status: 200, code: 'bad_event', message: 'The answer holds something that is not JSON.' })
  }
  if (event.error) throw new ApiFailure({ status: 200, ...errorIn(event) })
  return event
}

/** A connection that is lost in the middle is a failure like others. */
async function* untilLost(events, signal) {
  try {
    yield* events
  } catch (error) {
    if (signal.aborted || error instanceof ApiFailure) throw error
    throw brokenOff('network')
  }
}

/** Tokens of the answer; `exact` is false when the engine did not say and pieces were counted. */
export const tokensOf = ({ usage, pieces }) => ({ count: usage?.completion_tokens ?? pieces, exact: Boolean(usage) })

/** Tokens a second after the first one; undefined when there are too few to say. */
export function speedOf(measured) {
  const { count } = tokensOf(measured)
  const seconds = (measured.lastAt - measured.firstAt) / 1000
  return count > 1 && seconds > 0 ? (count - 1) / seconds : undefined
}
