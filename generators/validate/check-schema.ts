// Checks a source file's value against its schema and says in plain words what is wrong, where, and what to write instead.
import type { TSchema } from 'typebox'
import { Compile, type Validator } from 'typebox/schema'
import { Settings } from 'typebox/system'
import type { Code } from '../diagnostics/codes.ts'
import { diagnose } from '../diagnostics/diagnose.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { nearest } from '../diagnostics/nearest.ts'
import type { Pointer, SourceFile } from '../load/source-file.ts'
import { checkPlainValues } from './plain-values.ts'
import { nodeAt, pointerOf, type SchemaError, type SchemaNode, valueAt, withoutOtherBranches } from './schema-errors.ts'

// The default of 8 would hide the ninth mistake. A file of 1 MiB has fewer than this.
Settings.Set({ maxErrors: 1_000_000 })

const compiled = new Map<TSchema, Validator>()

function validatorOf(schema: TSchema): Validator {
  let validator = compiled.get(schema)
  if (validator === undefined) {
    validator = Compile(schema)
    compiled.set(schema, validator)
  }
  return validator
}

/** `value` may differ from `file.value` where a merge patch holds null; positions are always those of the file. */
export function checkSchema(schema: TSchema, file: SourceFile, value: unknown = file.value): Diagnostic[] {
  const validator = validatorOf(schema)
  if (validator.Check(value)) return checkPlainValues(file)
  const [, all] = validator.Errors(value)
  const errors = withoutOtherBranches(schema as SchemaNode, value, all as unknown as SchemaError[])
  const atValue = Map.groupBy(errors, ({ instancePath }) => instancePath)
  const found = errors.flatMap((error) =>
    describe(schema as SchemaNode, file, value, error, atValue.get(error.instancePath) ?? []),
  )
  return found.length > 0 ? found : [unexplained(file)]
}

const unexplained = (file: SourceFile): Diagnostic =>
  diagnose(
    'FIELD_VALUE',
    file.position([]),
    'the file does not have the form that its schema asks for',
    'compare it with docs/reference/fields.md',
  )

const show = (pointer: Pointer): string => (pointer.length === 0 ? 'the file' : `"${pointer.join('.')}"`)

function describe(
  schema: SchemaNode,
  file: SourceFile,
  value: unknown,
  error: SchemaError,
  beside: readonly SchemaError[],
): Diagnostic[] {
  const pointer = pointerOf(error.instancePath)
  const node = nodeAt(schema, error.schemaPath)
  if (error.keyword === 'additionalProperties')
    return unknownKeys(file, pointer, node, error, keysOf(beside, 'required', 'requiredProperties'))
  if (error.keyword === 'required')
    return missing(file, pointer, node, error, keysOf(beside, 'additionalProperties', 'additionalProperties'))
  return [wrongValue(file, pointer, valueAt(value, pointer), node, error)]
}

const keysOf = (errors: readonly SchemaError[], keyword: string, param: string): string[] =>
  errors.filter((error) => error.keyword === keyword).flatMap((error) => error.params[param] as string[])

/** A required key that is missing and an unknown key like it are one mistake; it is reported at the unknown key. */
function unknownKeys(
  file: SourceFile,
  pointer: Pointer,
  node: SchemaNode,
  error: SchemaError,
  missed: readonly string[],
): Diagnostic[] {
  const known = Object.keys(node.properties ?? {})
  return (error.params.additionalProperties as string[]).map((key) => {
    const moved = node.moved?.[key]
    if (moved !== undefined) return movedField(file, [...pointer, key], moved)
    const elsewhere = node.elsewhere?.[key]
    if (elsewhere !== undefined)
      return diagnose(
        'FIELD_UNKNOWN',
        file.position([...pointer, key], 'key'),
        `${show(pointer)} cannot set "${key}"`,
        elsewhere,
      )
    const near = nearest(key, missed) ?? nearest(key, known)
    const pattern = Object.keys(node.patternProperties ?? {})[0]
    const hint =
      pattern !== undefined && known.length === 0
        ? `keys must match ${pattern}`
        : near !== undefined
          ? `did you mean "${near}"?`
          : `known here: ${known.join(', ')}`
    return diagnose(
      'FIELD_UNKNOWN',
      file.position([...pointer, key], 'key'),
      `${show(pointer)} has no field "${key}"`,
      hint,
    )
  })
}

function movedField(file: SourceFile, pointer: Pointer, hint: string): Diagnostic {
  const value = Number(valueAt(file.value, pointer))
  const seconds = Number.isFinite(value) && value > 0 ? String(Math.ceil(value)) : '120'
  return diagnose(
    'FIELD_MOVED',
    file.position(pointer, 'key'),
    `${show(pointer)} is no field any more`,
    hint.replace('$SECONDS', seconds),
  )
}

function missing(
  file: SourceFile,
  pointer: Pointer,
  node: SchemaNode,
  error: SchemaError,
  unknown: readonly string[],
): Diagnostic[] {
  return (error.params.requiredProperties as string[])
    .filter((key) => !unknown.some((other) => nearest(other, [key]) === key))
    .map((key) => {
      const field = node.properties?.[key]
      const example = field?.examples?.[0]
      const shown =
        example === undefined
          ? ''
          : `, for example ${key}: ${typeof example === 'string' ? example : JSON.stringify(example)}`
      return diagnose(
        'FIELD_MISSING',
        file.position(pointer, 'key'),
        `${show(pointer)} lacks the field "${key}"`,
        `add it${shown}. ${field?.description ?? ''}`.trim(),
      )
    })
}

const excerpt = (value: unknown): string => {
  const text = (typeof value === 'number' ? undefined : JSON.stringify(value)) ?? String(value)
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}

function wrongValue(
  file: SourceFile,
  pointer: Pointer,
  value: unknown,
  node: SchemaNode,
  error: SchemaError,
): Diagnostic {
  const shown = `${show(pointer)} is ${excerpt(value)}`
  const say = (code: Code, message: string, hint: string) =>
    diagnose(code, file.position(pointer), `${shown}, ${message}`, hint)
  const { params } = error
  switch (error.keyword) {
    case 'type':
      return say('FIELD_TYPE', `must be ${article(String(params.type))}`, typeHint(String(params.type), value, node))
    case 'anyOf':
      return say(
        'FIELD_TYPE',
        `must be ${(node.anyOf ?? []).map((branch) => article(branch.type ?? 'string')).join(' or ')}`,
        node.description ?? 'write one of these',
      )
    case 'enum': {
      const allowed = (params.allowedValues as unknown[]).map(String)
      const near = typeof value === 'string' ? nearest(value, allowed) : undefined
      const refused = Object.entries(node.refused ?? {}).find(([word]) => word === value)?.[1]
      if (refused !== undefined) return say('FIELD_VALUE', `allowed: ${allowed.join(', ')}`, refused)
      return say(
        'FIELD_VALUE',
        `allowed: ${allowed.join(', ')}`,
        near === undefined ? `write one of: ${allowed.join(', ')}` : `did you mean "${near}"?`,
      )
    }
    case 'pattern':
      return say(
        'FIELD_VALUE',
        node.form === undefined ? `must match ${node.pattern ?? String(params.pattern)}` : `must be ${node.form}`,
        [node.description, exampleOf(node)].filter(Boolean).join(' ') || 'write a text of that form',
      )
    case 'format':
      return say(
        'FIELD_VALUE',
        'must be a day of the calendar, as YYYY-MM-DD',
        `write a day that exists. ${exampleOf(node)}`,
      )
    default:
      return say('FIELD_VALUE', error.message, node.description ?? `write a value that ${error.message}`)
  }
}

const exampleOf = ({ examples }: SchemaNode): string =>
  examples?.[0] === undefined ? '' : `Example: ${String(examples[0])}`

const article = (type: string): string => `${/^[aio]/.test(type) ? 'an' : 'a'} ${type}`

function typeHint(wanted: string, value: unknown, node: SchemaNode): string {
  if (value === null) return `write ${article(wanted)} behind it, or remove the field. ${node.description ?? ''}`.trim()
  const numeric = wanted === 'integer' || wanted === 'number'
  if (numeric && typeof value === 'string' && value.trim() !== '' && !Number.isNaN(Number(value)))
    return `remove the quotes: ${value}`
  if (wanted === 'string' && typeof value === 'number') return `put it in quotes: "${value}"`
  if (wanted === 'array' && typeof value === 'string') return `write a list: [${value}]`
  return node.description ?? `write ${article(wanted)}`
}
