// `fetch` for the Hub: waits and asks again where that helps, and never waits, reads or trusts without a limit.
import { HubProblem } from './hub-problem.ts'

export interface Patience {
  /** Of one request, until the last byte of its answer. */
  timeoutMs: number
  /** Requests for one thing. */
  attempts: number
  /** Before the second attempt; doubles from then on, unless the server asks for another wait. */
  firstWaitMs: number
  /** From the first request of one `fetch` on: nothing is asked for again that would begin later. */
  totalMs: number
  /** Of one answer. */
  mostBytes: number
}

/** The Hub counts requests in windows of 300 s: a client that waits that long is let in again (huggingface.co/docs/hub/rate-limits). */
export const patience: Patience = {
  timeoutMs: 30_000,
  attempts: 5,
  firstWaitMs: 500,
  totalMs: 330_000,
  mostBytes: 64 * 2 ** 20,
}

/** Too many requests, and what a proxy says of a server that is away for a moment. */
const passing = [408, 429, 500, 502, 503, 504]

/** There is no network, or nobody listens: asking again would only make a person wait. */
const lasting = ['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'ENETUNREACH', 'EHOSTUNREACH']

type Input = Parameters<typeof fetch>[0]

/** The connection broke, before the answer or within it. */
interface Broken {
  code: string
  cause: unknown
}

/** @param hubUrl only requests to its origin carry the token, whatever address an answer names */
export function patientFetch(hubUrl: string, limits: Patience = patience): typeof fetch {
  const { origin } = new URL(hubUrl)
  let end: number | undefined
  return async (input, given) => {
    end ??= performance.now() + limits.totalMs
    const url = new URL(input instanceof Request ? input.url : input)
    const init = url.origin === origin ? given : withoutToken(given)
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await tryOnce(input, init, limits)
      if (outcome instanceof Response && !passing.includes(outcome.status)) return outcome
      const wait = waitBefore(attempt, outcome, limits)
      const last = attempt >= limits.attempts || wait >= end - performance.now()
      if (outcome instanceof Response) {
        if (last) throw busy(url.host, outcome)
      } else if (last || lasting.includes(outcome.code)) throw unreachable(url.host, outcome)
      await new Promise((resolve) => setTimeout(resolve, wait))
    }
  }
}

function withoutToken(init: RequestInit | undefined): RequestInit {
  const headers = new Headers(init?.headers)
  headers.delete('authorization')
  return { ...init, headers }
}

/** Reads the whole answer, so that one which breaks off or stops is asked for again like one that never came. */
async function tryOnce(
  input: Input,
  init: RequestInit | undefined,
  { timeoutMs, mostBytes }: Patience,
): Promise<Response | Broken> {
  try {
    return await readWhole(await fetch(input, { ...init, signal: AbortSignal.timeout(timeoutMs) }), mostBytes)
  } catch (cause) {
    if (cause instanceof HubProblem) throw cause
    return { code: codeOf(cause), cause }
  }
}

function codeOf(error: unknown): string {
  const { cause, name } = error as { cause?: { code?: unknown }; name?: string }
  if (name === 'TimeoutError') return 'timed out'
  const code = cause?.code
  return typeof code === 'string' && !code.startsWith('UND_ERR') ? code : 'connection lost'
}

/** Gives up at the limit: a server that ignores `range` would send all weights. */
async function readWhole(answer: Response, mostBytes: number): Promise<Response> {
  const { body, status, statusText, headers, url } = answer
  if (body === null) return answer
  const tooLong = () =>
    new HubProblem(
      'answer',
      `an answer of ${new URL(url).host} is longer than ${mostBytes} bytes`,
      'the server may not answer range requests; only the Hub’s own protocol is read',
    )
  if (Number(headers.get('content-length')) > mostBytes) {
    await body.cancel()
    throw tooLong()
  }
  const parts: Uint8Array<ArrayBuffer>[] = []
  let seen = 0
  for await (const part of body) {
    seen += part.byteLength
    if (seen > mostBytes) throw tooLong()
    parts.push(part)
  }
  // Responses made by hand have no address, which the Hub's library looks at.
  return Object.defineProperty(new Response(new Blob(parts), { status, statusText, headers }), 'url', { value: url })
}

/** Milliseconds; what the server asks for, else twice as long each time. */
const waitBefore = (attempt: number, outcome: Response | Broken, { firstWaitMs }: Patience): number =>
  (outcome instanceof Response ? askedWait(outcome) : undefined) ?? firstWaitMs * 2 ** (attempt - 1)

/**
 * Milliseconds that `retry-after` asks for (seconds, or a date: RFC 9110, 10.2.3), else those until the Hub's window of requests
 * ends: `ratelimit: "api";r=0;t=55`.
 */
function askedWait({ headers }: Response): number | undefined {
  const after = headers.get('retry-after')
  const windowEnd = /;\s*t=(\d+)/.exec(headers.get('ratelimit') ?? '')?.[1]
  const text = after ?? windowEnd
  if (text === undefined || text.trim() === '') return undefined
  const asked = Number.isFinite(Number(text)) ? Number(text) * 1000 : Date.parse(text) - Date.now()
  return Number.isFinite(asked) ? Math.max(asked, 0) : undefined
}

function busy(host: string, answer: Response): HubProblem {
  const asked = askedWait(answer)
  const wait = asked === undefined ? '' : `, and asks to wait ${Math.ceil(asked / 1000)} s`
  return answer.status === 429
    ? new HubProblem(
        'busy',
        `${host} still answers 429 (too many requests)${wait}`,
        'wait a few minutes; with HF_TOKEN the limit is higher',
      )
    : new HubProblem('busy', `${host} still answers ${answer.status}${wait}`, 'try again later')
}

const unreachable = (host: string, { code, cause }: Broken): HubProblem =>
  new HubProblem(
    'unreachable',
    `cannot reach ${host} (${code})`,
    'this command needs the network; HF_ENDPOINT names another Hub',
    { cause },
  )
