// Something that may pass: the network, a server that is busy or fails. It is tried again, a mistake is not.
import { UserMistake } from '../user-mistake.ts'

export class Unavailable extends Error {
  /** Seconds that the server asked to wait. */
  readonly retryAfter: number | undefined

  constructor(message: string, options: { retryAfter?: number; cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.retryAfter = options.retryAfter
  }
}

export function reasonOf(error: unknown): string {
  const { message, cause } = error as Error
  return cause instanceof Error ? cause.message || String((cause as { code?: string }).code) : message
}

/** What a library or a socket throws, as one of ours. */
export const asUnavailable = (where: string, error: unknown): Error =>
  error instanceof UserMistake || error instanceof Unavailable
    ? error
    : new Unavailable(`${where}: ${reasonOf(error)}`, { cause: error })

export type Wait = (seconds: number) => Promise<void>

/** Of one request, the first one included. */
export const mostTries = 5

/** Pauses grow, and are those that the server asks for where it does. Seconds. */
export const pauseAfter = ({ retryAfter }: Unavailable, attempt: number): number =>
  Math.min(retryAfter ?? 2 ** (attempt - 1), 60)

/** @throws the last error */
export async function patiently<Value>(task: () => Promise<Value>, wait: Wait, tries = mostTries): Promise<Value> {
  for (let attempt = 1; ; attempt += 1)
    try {
      return await task()
    } catch (error) {
      if (!(error instanceof Unavailable) || attempt === tries) throw error
      await wait(pauseAfter(error, attempt))
    }
}
