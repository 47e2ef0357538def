// One HTTP/1.1 request over a kept connection. Node’s fetch takes HTTP/2 where it can, whose windows hold a large file back.
import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import { asUnavailable, Unavailable } from './unavailable.ts'

export interface Asked {
  url: URL
  method?: string
  headers: Readonly<Record<string, string>>
  body?: Uint8Array
  /** Seconds without a byte until the connection counts as lost. */
  stallSeconds: number
}

const kept = { keepAlive: true, maxSockets: 64, scheduling: 'lifo' } as const
const plain = { agent: new http.Agent(kept), request: http.request }
const encrypted = { agent: new https.Agent(kept), request: https.request }

/** The head of the answer; its body is read by the caller. @throws Unavailable */
export function exchange({ url, method = 'GET', headers, body, stallSeconds }: Asked): Promise<IncomingMessage> {
  const { agent, request } = url.protocol === 'https:' ? encrypted : plain
  return new Promise((resolve, reject) => {
    const asked = request(url, {
      method,
      agent,
      headers: { ...headers, ...length(body) },
      timeout: stallSeconds * 1000,
    })
    asked.on('timeout', () => asked.destroy(new Unavailable(`no byte for ${stallSeconds} s`)))
    asked.on('error', (error) => reject(asUnavailable(url.host, error)))
    asked.on('response', resolve)
    asked.end(body)
  })
}

const length = (body: Uint8Array | undefined): Record<string, string> =>
  body === undefined ? {} : { 'content-length': String(body.length) }

/**
 * Exactly that many bytes, in memory of their own. As they come: an iterator over the message would first join what it has not yet given.
 * @throws Unavailable when fewer or more come
 */
export function readBytes(message: IncomingMessage, count: number, what: string): Promise<Buffer<ArrayBuffer>> {
  const bytes = Buffer.allocUnsafeSlow(count)
  let have = 0
  return new Promise((resolve, reject) => {
    const end = (): void =>
      have === count ? resolve(bytes) : reject(new Unavailable(`${what}: broken off after ${have} of ${count} bytes`))
    message.on('data', (chunk: Buffer) => {
      if (have + chunk.length > count) message.destroy(new Unavailable(`${what}: more than ${count} bytes came`))
      else bytes.set(chunk, have)
      have += chunk.length
    })
    message.on('end', end)
    message.on('error', (error) => reject(asUnavailable(what, error)))
    // A promise that is settled stays as it is.
    message.on('close', end)
  })
}

/** @throws Unavailable */
export async function readText(message: IncomingMessage, what: string): Promise<string> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of message as AsyncIterable<Buffer>) chunks.push(chunk)
  } catch (error) {
    throw asUnavailable(what, error)
  }
  return Buffer.concat(chunks).toString('utf8')
}
