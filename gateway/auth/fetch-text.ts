// GET of a small text, limited in time, size and redirects: a server could abuse each.
import { request } from 'undici'

export interface FetchLimits {
  timeoutMs: number
  maxBytes: number
}

export type FetchText = (url: string, limits: FetchLimits) => Promise<string>

/** The body of a 200 answer. undici's request follows no redirects, so a 3xx fails like every other status. */
export const fetchText: FetchText = async (url, { timeoutMs, maxBytes }) => {
  // One limit for the whole exchange: a server that trickles bytes would renew a limit per chunk forever.
  const signal = AbortSignal.timeout(timeoutMs)
  const { statusCode, body } = await request(url, { headers: { accept: 'application/json' }, signal })
  // Destroying the body emits an error that has no reader.
  body.on('error', () => {})
  if (statusCode !== 200) {
    body.destroy()
    throw new Error(`${url} answered ${statusCode}`)
  }
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxBytes) throw new Error(`${url} sent more than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
