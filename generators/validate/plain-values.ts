// Values that a source file can write in a free place and no rendered file can hold: half a character, NUL, numbers that are none.
import { diagnose } from '../diagnostics/diagnose.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { Pointer, SourceFile } from '../load/source-file.ts'

/** For a file of the right form; a schema says more about a wrong value in a field with a type. */
export function checkPlainValues(file: SourceFile): Diagnostic[] {
  const found: Diagnostic[] = []
  const report = (pointer: Pointer, target: 'key' | 'value', [message, hint]: Wrong) =>
    found.push(diagnose('FIELD_VALUE', file.position(pointer, target), message, hint))
  const walk = (value: unknown, pointer: Pointer): void => {
    const wrong = wrongText(value) ?? wrongNumber(value)
    if (wrong !== undefined) report(pointer, 'value', wrong)
    if (typeof value !== 'object' || value === null) return
    for (const [key, item] of Object.entries(value)) {
      const wrongKey = wrongText(key)
      if (wrongKey !== undefined) report([...pointer, key], 'key', wrongKey)
      walk(item, [...pointer, key])
    }
  }
  walk(file.value, [])
  return found
}

/** What is wrong, and what to write instead. */
type Wrong = [message: string, hint: string]

function wrongText(value: unknown): Wrong | undefined {
  if (typeof value !== 'string') return undefined
  if (value.includes('\u0000')) return ['the text holds a NUL character', 'remove \\0 from it']
  if (!value.isWellFormed())
    return ['the text holds half a character (a lone surrogate)', 'write the character itself, not \\ud800 to \\udfff']
  return undefined
}

function wrongNumber(value: unknown): Wrong | undefined {
  if (typeof value !== 'number') return undefined
  if (!Number.isFinite(value)) return [`${value} cannot be written as JSON`, 'write a number, or put it in quotes']
  if (Number.isInteger(value) && !Number.isSafeInteger(value))
    return [`the number is too large to be kept digit by digit (${value})`, 'put it in quotes']
  return undefined
}
