// Status line and headers of an engine's answer. What two programs could read in two ways is refused: a body whose end is
// in doubt would put one tenant's bytes into another's answer.

/** Not HTTP/1.1, or not without doubt. The connection cannot be used any more. */
export class MalformedAnswer extends Error {}

/** Where a body ends: after this many bytes, with its last chunk, or with the connection. */
export type BodyEnd = number | 'chunked' | 'close'

export interface AnswerHead {
  status: number
  /** By lower-case name; of a header that comes twice the first, but for Connection. */
  headers: ReadonlyMap<string, string>
  body: BodyEnd
  /** Whether the connection takes another request after the body. */
  keepAlive: boolean
  /** Milliseconds that the engine says it keeps an idle connection; infinite when it does not say. */
  keepAliveMs: number
}

/** Tabs are the only controls that a header may have; lines end in CR and LF, never in one of the two. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const control = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)|(?<!\r)\n/
const statusLine = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: |$)/
const token = /^[!#$%&'*+.^_`|~\w-]+$/

/**
 * Reads a head without its blank line.
 * @param text one character a byte
 * @throws MalformedAnswer
 */
export function parseHead(text: string): AnswerHead {
  if (control.test(text)) throw new MalformedAnswer('a control character')
  const [first = '', ...lines] = text.split('\r\n')
  const [, minor, code] = statusLine.exec(first) ?? []
  if (code === undefined) throw new MalformedAnswer('no status line')
  const headers = new Map<string, string>()
  for (const line of lines) {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).toLowerCase()
    // A line that goes on the one before begins with a space, which is in no name.
    if (colon < 1 || !token.test(name)) throw new MalformedAnswer('a header without a name')
    const raw = line.slice(colon + 1)
    const value = raw.trim()
    if (framing.has(name)) {
      if (headers.has(name)) throw new MalformedAnswer(`two headers ${name}`)
      // Programs differ in what they take for white space: a tab, a no-break space.
      if (/[^ -~]/.test(raw)) throw new MalformedAnswer(`white space in ${name}`)
    }
    const before = headers.get(name)
    if (before === undefined) headers.set(name, value)
    // A list, of which every line counts.
    else if (name === 'connection') headers.set(name, `${before}, ${value}`)
  }
  const status = Number(code)
  const body = bodyEnd(status, headers, minor === '1')
  const connection = headers.get('connection')?.toLowerCase() ?? ''
  return {
    status,
    headers,
    body,
    keepAlive: minor === '1' && body !== 'close' && !/(?:^|[\s,])close(?:[\s,]|$)/.test(connection),
    keepAliveMs: keepAliveMs(headers.get('keep-alive')),
  }
}

const framing = new Set(['content-length', 'transfer-encoding'])

/** RFC 9112, section 6.3, without what it lets a recipient repair. */
function bodyEnd(status: number, headers: ReadonlyMap<string, string>, isNew: boolean): BodyEnd {
  const length = headers.get('content-length')
  const encoding = headers.get('transfer-encoding')
  if (length !== undefined && !/^\d{1,15}$/.test(length)) throw new MalformedAnswer('a length that is no number')
  if (status < 200 || status === 204 || status === 304) {
    // A sender that thinks otherwise would send chunks after it.
    if (encoding !== undefined) throw new MalformedAnswer('an encoding of no body')
    return 0
  }
  if (encoding !== undefined) {
    if (!isNew || length !== undefined || encoding.toLowerCase() !== 'chunked')
      throw new MalformedAnswer('a transfer encoding beside a length, or an unknown one')
    return 'chunked'
  }
  return length === undefined ? 'close' : Number(length)
}

/** `timeout=5`, less a second: the engine's clock began before ours. */
function keepAliveMs(text: string | undefined): number {
  const [, seconds] = /(?:^|[ ,])timeout=(\d{1,6})/.exec(text ?? '') ?? []
  return seconds === undefined ? Number.POSITIVE_INFINITY : Math.max(0, Number(seconds) - 1) * 1000
}
