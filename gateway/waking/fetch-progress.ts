// What the container that fetches a model's weights says of its progress.
import { request } from 'undici'

/** Bytes that are there; undefined: it does not answer. */
export async function fetchedBytes(address: string, port = modelPort): Promise<number | undefined> {
  const host = address.includes(':') ? `[${address}]` : address
  try {
    const { statusCode, body } = await request(`http://${host}:${port}/progress`, {
      headersTimeout: patienceMs,
      bodyTimeout: patienceMs,
      signal: AbortSignal.timeout(patienceMs),
    })
    if (statusCode !== 200) {
      await body.dump()
      return undefined
    }
    const { bytes } = (await body.json()) as { bytes?: unknown }
    return typeof bytes === 'number' ? bytes : undefined
  } catch {
    return undefined
  }
}

/** The engine's, before it listens. */
const modelPort = 8000
const patienceMs = 1000
