// Values as Python prints them, since vLLM's messages quote what they got that way.

/** As `repr` prints a string: single quotes, unless it holds one and no double quote. */
export function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')
    .replaceAll(quote, `\\${quote}`)
  return quote + escaped + quote
}

/** A number that Python holds as a float: 3 is 3.0. */
export const floatText = (value: number): string => (Number.isInteger(value) ? `${value}.0` : String(value))

/** The input of a validation error: containers are only counted, and long strings cut. */
export function inputText(value: unknown): string {
  if (value === null || value === undefined) return 'None'
  if (value === true) return 'True'
  if (value === false) return 'False'
  if (Array.isArray(value)) return `<list of ${value.length} items>`
  if (typeof value === 'object') return `<dict of ${Object.keys(value).length} items>`
  if (typeof value === 'number') return wholeText(value)
  return String(value).slice(0, 200)
}

/** Large whole numbers without an exponent, as Python's integers. */
const wholeText = (value: number): string => (Number.isInteger(value) ? BigInt(value).toString() : String(value))
