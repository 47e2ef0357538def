// `fetch` for the Hub: waits and asks again where that helps, and never waits, reads or trusts without a limit.
import { HubProblem } from './hub-problem.ts'

export interface Patience {
  /** Of one request, until its headers are there. */
  timeoutMs: number
  /** Requests for one thing. */
  attempts: number
  /** Before the second attempt; doubles from then on. */
  firstWaitMs: number
  /** Longest wait that `retry-after` may ask for. */
  longestWaitMs: number
  /** Of one answer. */
  mostBytes: number
}

export const patience: Patience = {
  timeoutMs: 30_000,
  attempts: 5,
  firstWaitMs: 500,
  longestWaitMs: 30_000,
  mostBytes: 64 * 2 ** 20,
}

/** Too many requests, and what a proxy says of a server that is away for a moment. */
const passing = [408, 429, 500, 502, 503, 504]

/** There is no network, or nobody listens: asking again would only make a person wait. */
const lasting = ['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'ENETUNREACH', 'EHOSTUNREACH']

/** @param hubUrl only requests to its origin carry the token, whatever address an answer names */
export function patientFetch(hubUrl: string, limits: Patience = patience): typeof fetch {
  const { origin } = new URL(hubUrl)
  return async (input, given) => {
    const init = new URL(input instanceof Request ? input.url : input).origin === origin ? given : withoutToken(given)
    for (let attempt = 1; ; attempt += 1) {
      const answer = await tryOnce(input, init, limits, attempt)
      const last = attempt >= limits.attempts
      if (answer !== undefined && (last || !passing.includes(answer.status))) return bounded(answer, limits.mostBytes)
      const wait = waitBefore(attempt, answer, limits)
      await answer?.body?.cancel()
      await new Promise((resolve) => setTimeout(resolve, wait))
    }
  }
}

function withoutToken(init: RequestInit | undefined): RequestInit {
  const headers = new Headers(init?.headers)
  headers.delete('authorization')
  return { ...init, headers }
}

/** `undefined`: the connection broke, and another attempt is left. */
async function tryOnce(
  input: Parameters<typeof fetch>[0],
  init: RequestInit | undefined,
  limits: Patience,
  attempt: number,
): Promise<Response | undefined> {
  try {
    return await fetch(input, { ...init, signal: AbortSignal.timeout(limits.timeoutMs) })
  } catch (error) {
    const code = codeOf(error)
    if (attempt < limits.attempts && !lasting.includes(code)) return undefined
    const host = new URL(input instanceof Request ? input.url : input).host
    throw new HubProblem(
      'unreachable',
      `cannot reach ${host} (${code})`,
      'lock is the only command that needs the network; HF_ENDPOINT names another Hub',
      { cause: error },
    )
  }
}

function codeOf(error: unknown): string {
  const { cause, name } = error as { cause?: { code?: unknown }; name?: string }
  return typeof cause?.code === 'string' ? cause.code : name === 'TimeoutError' ? 'timed out' : 'connection lost'
}

/** Milliseconds; what the server asks for, else twice as long each time. */
function waitBefore(attempt: number, answer: Response | undefined, limits: Patience): number {
  const asked = Number(answer?.headers.get('retry-after') ?? Number.NaN) * 1000
  const own = limits.firstWaitMs * 2 ** (attempt - 1)
  return Math.min(limits.longestWaitMs, Number.isFinite(asked) ? Math.max(asked, 0) : own)
}

/** The answer breaks off at the limit: a server that ignores `range` would send all weights. */
function bounded(answer: Response, mostBytes: number): Response {
  if (answer.body === null) return answer
  let seen = 0
  const counted = answer.body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        seen += chunk.byteLength
        if (seen > mostBytes)
          controller.error(
            new HubProblem(
              'answer',
              `an answer of ${new URL(answer.url).host} is longer than ${mostBytes} bytes`,
              'the server may not answer range requests; only the Hub’s own protocol is read',
            ),
          )
        else controller.enqueue(chunk)
      },
    }),
  )
  const { status, statusText, headers, url } = answer
  // Responses made by hand have no address, which the Hub's library looks at.
  return Object.defineProperty(new Response(counted, { status, statusText, headers }), 'url', { value: url })
}
