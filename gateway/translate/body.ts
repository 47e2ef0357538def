// Typed reading of bodies in Hugging Face's shapes, and of engines' answers.
import { brokenAnswer, invalidInput } from './shape-errors.ts'

export type Fields = Record<string, unknown>

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** @throws TranslationError 422 */
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

/** Fields that say how a call is made, not what is asked for: old clients of Hugging Face send `options`. */
const envelope = ['model', 'options']

/** A field that nobody reads would change the answer without a word. @throws TranslationError 422 naming the field */
export function onlyKnown(fields: Fields, known: readonly string[]): void {
  const unknown = Object.keys(fields).find(
    (key) => fields[key] !== null && !known.includes(key) && !envelope.includes(key),
  )
  if (unknown !== undefined) throw invalidInput(`${unknown} cannot be honoured for this model; leave it out.`, unknown)
}

/** An object in a field; empty when it is absent. @throws TranslationError 422 */
export function objectIn(fields: Fields, key: string): Fields {
  const value = fields[key] ?? {}
  if (!isFields(value)) throw invalidInput(`${key} must be an object.`, key)
  return value
}

/** @throws TranslationError 422 */
export function textIn(fields: Fields, key: string): string {
  const value = fields[key]
  if (typeof value !== 'string') throw invalidInput(`${key} must be a string.`, key)
  return value
}

/** Most texts of one call; OpenAI's limit for embeddings. */
export const mostTexts = 2048

/** @throws TranslationError 422 */
export function notTooMany(texts: readonly unknown[], key: string): void {
  if (texts.length > mostTexts) throw invalidInput(`${key} must hold at most ${mostTexts} texts.`, key)
}

/** @throws TranslationError 422 */
export function textsIn(fields: Fields, key: string): string[] {
  const value = fields[key]
  if (!Array.isArray(value) || value.length === 0 || !value.every((one) => typeof one === 'string'))
    throw invalidInput(`${key} must be a list of strings.`, key)
  notTooMany(value, key)
  return value
}

/** @throws TranslationError 422 */
export function flagIn(fields: Fields, key: string): boolean | undefined {
  const value = fields[key] ?? undefined
  if (value === undefined || typeof value === 'boolean') return value
  throw invalidInput(`${key} must be true or false.`, key)
}

/** A whole number of at least 1. @throws TranslationError 422 */
export function countIn(fields: Fields, key: string): number | undefined {
  const value = fields[key] ?? undefined
  if (value === undefined || (typeof value === 'number' && Number.isSafeInteger(value) && value >= 1)) return value
  throw invalidInput(`${key} must be a whole number of at least 1.`, key)
}

export const toBuffer = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))

/** @throws TranslationError 502 */
export function parseAnswer(body: Buffer | string): unknown {
  try {
    return JSON.parse(body.toString())
  } catch {
    throw brokenAnswer('it is not JSON')
  }
}

/** @throws TranslationError 502 */
export function rowsIn(value: unknown): Fields[] {
  if (!Array.isArray(value) || !value.every(isFields)) throw brokenAnswer('it has no list of results')
  return value
}

/** A list of objects under a key of an engine's answer. @throws TranslationError 502 */
export const rowsOf = (answer: unknown, key: string): Fields[] => rowsIn(isFields(answer) ? answer[key] : undefined)

/** @throws TranslationError 502 */
export function numberOf(value: unknown): number {
  if (typeof value !== 'number') throw brokenAnswer('a number is missing')
  return value
}

/** @throws TranslationError 502 */
export function numbersOf(value: unknown): number[] {
  if (!Array.isArray(value) || value.length === 0 || !value.every((one) => typeof one === 'number'))
    throw brokenAnswer('a list of numbers is missing')
  return value
}

/** Results by their place among the inputs: exactly one for each. @throws TranslationError 502 */
export function inOrder<T>(results: readonly { index: unknown; value: T }[], count: number): T[] {
  const places = new Map(results.map(({ index, value }) => [index, value]))
  return Array.from({ length: count }, (_, index) => {
    if (!places.has(index) || results.length !== count) throw brokenAnswer('it has not one result for each input')
    return places.get(index) as T
  })
}
