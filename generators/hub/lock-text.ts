// A lock as text: in the order of its schema, lists of words on one line where they fit, so that a change is a small diff.
import type { Lock } from '../schema/lock.ts'

const width = 120

/** Ends with a newline; the same lock gives the same bytes. */
export const lockText = (lock: Lock): string => `${text(lock, '')}\n`

function text(value: unknown, indent: string): string {
  const deeper = `${indent}  `
  if (Array.isArray(value)) {
    if (value.every((item) => typeof item !== 'object')) {
      const line = `[${value.map((item) => JSON.stringify(item)).join(', ')}]`
      // Room for the longest key.
      if (indent.length + '"architectures": '.length + line.length < width) return line
    }
    return `[\n${value.map((item) => deeper + text(item, deeper)).join(',\n')}\n${indent}]`
  }
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const fields = Object.entries(value).filter(([, item]) => item !== undefined)
  return `{\n${fields.map(([key, item]) => `${deeper}${JSON.stringify(key)}: ${text(item, deeper)}`).join(',\n')}\n${indent}}`
}
