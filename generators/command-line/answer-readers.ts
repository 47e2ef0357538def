// Reads an answer or an option: the value, or an Error that says what is wrong with it.
import Format from 'typebox/format'
import { nearest } from '../diagnostics/nearest.ts'
import { acceleratorKinds } from '../schema/accelerators.ts'
import { UsageError } from './command.ts'

/** For an option of the command line: a wrong value ends the command. */
export function unwrap<Value>(value: Value | Error, option: string): Value {
  if (value instanceof Error) throw new UsageError(`${option}: ${value.message}`)
  return value
}

export const oneOfOr = (text: string, known: readonly string[]): string | Error => {
  if (known.includes(text)) return text
  const near = nearest(text, known)
  return new Error(`"${text}" is none of ${known.join(', ')}${near === undefined ? '' : `; did you mean ${near}?`}`)
}

export const oneOf = (text: string, known: readonly string[], option: string): string =>
  unwrap(oneOfOr(text, known), option)

export function listOf(text: string, known: readonly string[]): string[] | Error {
  const found = text
    .split(/[\s,]+/)
    .filter(Boolean)
    .map((one) => oneOfOr(one, known))
  return found.find((one) => one instanceof Error) ?? (found as string[])
}

export function numberOr(text: string, least: number, most: number): number | Error {
  const value = Number(text.replaceAll(/[,_]/g, ''))
  return Number.isInteger(value) && value >= least && value <= most
    ? value
    : new Error(`"${text}" is no whole number from ${least} to ${most}`)
}

export const wholeNumber = (text: string, least: number, most: number, option: string): number =>
  unwrap(numberOr(text, least, most), option)

/** A day of the calendar: 2027-02-30 is none. */
export const dayOr = (text: string): string | Error =>
  Format.IsDate(text) ? text : new Error(`"${text}" is no day of the calendar; write it as YYYY-MM-DD`)

export function gpuOr(text: string): { type: string; count: number } | Error {
  const [kind = '', count = '1'] = text.split(':')
  const type = oneOfOr(kind, acceleratorKinds)
  const number = numberOr(count, 1, 8)
  return type instanceof Error ? type : number instanceof Error ? number : { type, count: number }
}
