// Changes single top-level fields in the bytes of a body; every other byte stays.
import type { BodyFields } from './fields.ts'

/** New JSON text of a field; undefined takes the field out. */
export type Change = readonly [key: string, json: string | undefined]

/** The body with the changes, or the same buffer when nothing changes. A field that is not there is put first. */
export function spliceBody(fields: BodyFields, changes: readonly Change[]): Buffer {
  const { body } = fields
  const cuts: { start: number; end: number; text: string }[] = []
  let added = ''
  for (const [key, json] of changes) {
    const range = fields.range(key)
    if (range && json !== undefined) {
      if (body.toString('latin1', range.start, range.end) !== json) cuts.push({ ...range, text: json })
    } else if (range) cuts.push({ ...range, text: 'null' })
    else if (json !== undefined) added += `${JSON.stringify(key)}:${json},`
  }
  if (added) {
    const open = body.indexOf(0x7b) + 1
    const isEmpty = [...fields.keys()].length === 0
    cuts.push({ start: open, end: open, text: isEmpty ? added.slice(0, -1) : added })
  }
  if (cuts.length === 0) return body
  cuts.sort((a, b) => a.start - b.start)
  const parts: Buffer[] = []
  let at = 0
  for (const { start, end, text } of cuts) {
    parts.push(body.subarray(at, start), Buffer.from(text))
    at = end
  }
  parts.push(body.subarray(at))
  return Buffer.concat(parts)
}
