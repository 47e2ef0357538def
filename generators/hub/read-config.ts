// A config.json as fields that may be there or not.

/** config.json, or the part of it that describes the language model. */
export type Config = Record<string, unknown>

export const isConfig = (value: unknown): value is Config =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The first of the names that holds a whole number. */
export function whole(config: Config, ...names: string[]): number | undefined {
  const value = names.map((name) => config[name]).find((one) => Number.isInteger(one))
  return typeof value === 'number' ? value : undefined
}

/** Positive; configurations write 0, −1 or null for "none". */
export function positive(config: Config, ...names: string[]): number | undefined {
  const value = whole(config, ...names)
  return value === undefined || value <= 0 ? undefined : value
}

export const words = (value: unknown): string[] | undefined =>
  Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string') ? value : undefined

export const numbers = (value: unknown): number[] | undefined =>
  Array.isArray(value) && value.length > 0 && value.every((one) => Number.isInteger(one)) ? value : undefined
