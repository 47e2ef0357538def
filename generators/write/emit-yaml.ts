// Turns a plain object into YAML text: keys sorted, one style. Byte for byte what the `yaml` package writes with the
// options below, about ten times faster; every quoting decision that is not trivial is left to that package.
import { stringify } from 'yaml'

/**
 * YAML 1.1 quoting, because Kubernetes' parser still reads `yes`, `on` and `12:30` that way. No aliases: cdk8s and plans
 * share objects, and Argo CD shows anchors as differences. No folding: a folded argument is a diff in two places.
 */
export const yamlOptions = {
  version: '1.1',
  aliasDuplicateObjects: false,
  lineWidth: 0,
  sortMapEntries: (a: { key: unknown }, b: { key: unknown }) => {
    const [left, right] = [keyText(a.key), keyText(b.key)]
    return left < right ? -1 : left > right ? 1 : 0
  },
} as const

const keyText = (key: unknown): string =>
  typeof key === 'object' && key !== null && 'value' in key ? String(key.value) : String(key)

/** Text that no YAML version reads as anything but this string: starts with a letter or slash, no `: ` and no ` #`. */
const plainText = /^(?:--)?[A-Za-z/][A-Za-z0-9_./=@-]*$/
const reservedWord = /^(?:y|n|yes|no|on|off|true|false|null)$/i

const quoted = new Map<string, string>()

/** Scalars repeat (labels, namespaces, revisions), so each is asked for once; bounded to keep memory flat. */
function text(value: string): string {
  if (plainText.test(value) && !reservedWord.test(value)) return value
  let known = quoted.get(value)
  if (known === undefined) {
    known = stringify(value, yamlOptions).trimEnd()
    if (quoted.size < 20_000) quoted.set(value, known)
  }
  return known
}

/** Block scalars and long keys change their surroundings; such a document is written by the package as a whole. */
class NotOneLine extends Error {}

function keyLine(key: string): string {
  if (key.length > 1000 || key.includes('\n')) throw new NotOneLine()
  return text(key)
}

function scalar(value: unknown): string {
  if (typeof value === 'string') {
    if (value.includes('\n')) throw new NotOneLine()
    return text(value)
  }
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'number')
    return Number.isInteger(value) ? String(value) : stringify(value, yamlOptions).trimEnd()
  throw new TypeError(`cannot be written as YAML: ${typeof value}`)
}

function isEmpty(value: object): boolean {
  for (const _ in value) return false
  return true
}

/** The lines of a collection; `first` is the indentation of its first line (one space when it follows a dash). */
function block(value: object, indent: string, first: string): string {
  let out = ''
  let lead = first
  if (Array.isArray(value)) {
    for (const item of value as unknown[]) {
      // The first line of a collection follows the dash.
      out += isCollection(item) ? `${lead}-${nested(item, indent, ' ')}` : `${lead}- ${scalar(item)}\n`
      lead = indent
    }
    return out
  }
  const entries = value as Record<string, unknown>
  for (const key of Object.keys(entries).sort()) {
    const item = entries[key]
    if (item === undefined) continue
    // Below a key a collection starts a line of its own.
    out += isCollection(item)
      ? `${lead}${keyLine(key)}:${nested(item, indent, `\n${indent}  `)}`
      : `${lead}${keyLine(key)}: ${scalar(item)}\n`
    lead = indent
  }
  return out
}

const isCollection = (item: unknown): item is object => typeof item === 'object' && item !== null

function nested(item: object, indent: string, first: string): string {
  if (isEmpty(item)) return Array.isArray(item) ? ' []\n' : ' {}\n'
  return block(item, `${indent}  `, first)
}

export function emitYaml(value: object): string {
  try {
    return isEmpty(value) ? '{}\n' : block(value, '', '')
  } catch (error) {
    if (error instanceof NotOneLine) return stringify(value, yamlOptions)
    throw error
  }
}
