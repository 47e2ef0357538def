// Token counts in the bytes of an engine's answer, and their removal for clients that did not ask for them.

export interface Usage {
  inputTokens: number
  outputTokens: number
}

/** Within a JSON string every quote is escaped, so these bytes can only be a key that follows another field. */
const key = Buffer.from(',"usage":{')
const open = 0x7b
const close = 0x7d

/** JSON text of the last `usage` object and where it stands: from its comma to after its brace. */
export interface UsageRange {
  start: number
  end: number
}

export function findUsage(bytes: Buffer): UsageRange | undefined {
  const start = bytes.lastIndexOf(key)
  if (start < 0) return undefined
  let depth = 0
  for (let at = start + key.length - 1; at < bytes.length; at += 1) {
    const byte = bytes[at]
    if (byte === open) depth += 1
    else if (byte === close) {
      depth -= 1
      if (depth === 0) return { start, end: at + 1 }
    }
  }
  return undefined
}

/** JSON text of the usage object at a range. */
export const usageText = (bytes: Buffer, { start, end }: UsageRange): string =>
  bytes.toString('latin1', start + key.length - 1, end)

/** Counts from a usage object; undefined when it has none. */
export function parseUsage(text: string): Usage | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  const usage = value as { prompt_tokens?: unknown; completion_tokens?: unknown; total_tokens?: unknown }
  const input = usage.prompt_tokens ?? usage.total_tokens
  const output = usage.completion_tokens ?? 0
  if (typeof input !== 'number' || typeof output !== 'number') return undefined
  return { inputTokens: input, outputTokens: output }
}

/** The bytes without the range. */
export function withoutRange(bytes: Buffer, { start, end }: UsageRange): Buffer {
  // Moved in place: these bytes are ours, and the tail after a chunk's usage is a few bytes.
  bytes.copyWithin(start, end)
  return bytes.subarray(0, bytes.length - (end - start))
}
