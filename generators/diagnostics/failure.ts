// A bug of ours or a failed read or write: exit code 2. A user's mistake is a Diagnostic instead.

export class Failure extends Error {
  override name = 'Failure'
}

/** One line for what ended a program with exit code 2. */
export function endLine(error: unknown): string {
  if (!(error instanceof Failure)) return bugLine(error)
  return `${error.message}${error.cause instanceof Error ? `: ${error.cause.message}` : ''}`
}

/** One line for whatever else was thrown: what, and where in our own code. */
function bugLine(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  const place = /\/((?:generators|gateway|platform|local|\.github)\/[^\s()]+:\d+:\d+)/.exec(stack)?.[1]
  return `bug in slipway, please report: ${String(error).replaceAll('\n', ' ')}${place === undefined ? '' : ` (${place})`}`
}
