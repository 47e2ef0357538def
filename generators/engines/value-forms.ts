// How a value on vLLM’s command line is read: sizes with a unit, JSON with sizes in it. Files named here are those of vLLM 0.31.

export type Json = Record<string, unknown>

/** `k` is 1000, `K` 1024 (human_readable_int, vllm/utils/argparse_utils.py); other text is no number. */
export function readSize(text: string): number | undefined {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)([kmgtKMGT]?)$/.exec(text.trim()) ?? []
  if (number === '' || (number.includes('.') && unit !== unit.toLowerCase()) || (number.includes('.') && unit === ''))
    return undefined
  const power = unit === '' ? 0 : 'kmgt'.indexOf(unit.toLowerCase()) + 1
  return Math.trunc(Number(number) * (unit === unit.toLowerCase() ? 1000 : 1024) ** power)
}

/** An object, with sizes as numbers (_expand_json_human_readable_numbers, vllm/engine/arg_utils.py); undefined: no JSON. */
export function readObject(text: string): Json | undefined {
  const plain = text.replace(/("(?:[^"\\]|\\.)*")|\b\d+(?:\.\d+)?[kKmMgGtT]\b/g, (part, quoted?: string) =>
    quoted === undefined ? String(readSize(part) ?? part) : part,
  )
  try {
    const value: unknown = JSON.parse(plain)
    return typeof value === 'object' && value !== null ? (value as Json) : undefined
  } catch {
    return undefined
  }
}
