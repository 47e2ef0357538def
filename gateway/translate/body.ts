// Typed reading of bodies in Hugging Face's shapes, and of engines' answers.
import { BrokenAnswer, invalidInput } from './shape-errors.ts'

export type Fields = Record<string, unknown>

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** @throws ApiError 422 */
export function parseBody(body: Buffer): Fields {
  let value: unknown
  try {
    value = JSON.parse(body.toString('utf8'))
  } catch {
    throw invalidInput('The body is not JSON.')
  }
  if (!isFields(value)) throw invalidInput('The body is not a JSON object.')
  return value
}

/** An object in a field; empty when it is absent. @throws ApiError 422 */
export function objectIn(fields: Fields, key: string): Fields {
  const value = fields[key] ?? {}
  if (!isFields(value)) throw invalidInput(`${key} must be an object.`, key)
  return value
}

/** @throws ApiError 422 */
export function textIn(fields: Fields, key: string): string {
  const value = fields[key]
  if (typeof value !== 'string') throw invalidInput(`${key} must be a string.`, key)
  return value
}

/** @throws ApiError 422 */
export function textsIn(fields: Fields, key: string): string[] {
  const value = fields[key]
  if (!Array.isArray(value) || value.length === 0 || !value.every((one) => typeof one === 'string'))
    throw invalidInput(`${key} must be a list of strings.`, key)
  return value
}

/** @throws ApiError 422 */
export function flagIn(fields: Fields, key: string): boolean | undefined {
  const value = fields[key] ?? undefined
  if (value === undefined || typeof value === 'boolean') return value
  throw invalidInput(`${key} must be true or false.`, key)
}

/** A whole number of at least 1. @throws ApiError 422 */
export function countIn(fields: Fields, key: string): number | undefined {
  const value = fields[key] ?? undefined
  if (value === undefined || (typeof value === 'number' && Number.isSafeInteger(value) && value >= 1)) return value
  throw invalidInput(`${key} must be a whole number of at least 1.`, key)
}

export const toBuffer = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))

/** @throws BrokenAnswer */
export function parseAnswer(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    throw new BrokenAnswer('not JSON')
  }
}

/** A list of objects under a key of an engine's answer. @throws BrokenAnswer */
export function rowsOf(answer: unknown, key: string): Fields[] {
  const rows = isFields(answer) ? answer[key] : undefined
  if (!Array.isArray(rows) || !rows.every(isFields)) throw new BrokenAnswer(`no list ${key}`)
  return rows
}

/** @throws BrokenAnswer */
export function numberOf(value: unknown): number {
  if (typeof value !== 'number') throw new BrokenAnswer('no number')
  return value
}

/** @throws BrokenAnswer */
export function numbersOf(value: unknown): number[] {
  if (!Array.isArray(value) || !value.every((one) => typeof one === 'number')) throw new BrokenAnswer('no vector')
  return value
}
