// Checks a source file's value against its schema and says in plain words what is wrong, where, and what to write instead.
import type { TSchema } from 'typebox'
import { Compile, type Validator } from 'typebox/schema'
import { Settings } from 'typebox/system'
import type { Code } from '../diagnostics/codes.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { nearest } from '../diagnostics/nearest.ts'
import type { Pointer, SourceFile } from '../load/source-file.ts'

// The default of 8 would hide the ninth mistake.
Settings.Set({ maxErrors: 10_000 })

interface SchemaError {
  keyword: string
  schemaPath: string
  instancePath: string
  params: Record<string, unknown>
  message: string
}

interface Node {
  type?: string
  enum?: unknown[]
  anyOf?: Node[]
  properties?: Record<string, Node>
  patternProperties?: Record<string, Node>
  items?: Node
  description?: string
  examples?: unknown[]
  pattern?: string
}

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
  if (validator.Check(value)) return []
  const [, all] = validator.Errors(value)
  const errors = withoutOtherBranches(schema as Node, value, all as unknown as SchemaError[])
  const found = errors.flatMap((error) => describe(schema as Node, file, value, error, errors))
  return found.length > 0 ? found : [unexplained(file)]
}

const unexplained = (file: SourceFile): Diagnostic =>
  at(
    file,
    'FIELD_VALUE',
    [],
    'value',
    'the file does not have the form that its schema asks for',
    'compare it with apps/README.md',
  )

function at(
  file: SourceFile,
  code: Code,
  pointer: Pointer,
  target: 'key' | 'value',
  message: string,
  hint: string,
): Diagnostic {
  return { code, level: 'error', position: file.position(pointer, target), message, hint }
}

const pointerOf = (path: string): string[] =>
  path
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))

const show = (pointer: Pointer): string => (pointer.length === 0 ? 'the file' : `"${pointer.join('.')}"`)

const valueAt = (value: unknown, pointer: Pointer): unknown =>
  pointer.reduce<unknown>(
    (node, key) => (typeof node === 'object' && node !== null ? (node as Record<string, unknown>)[key] : undefined),
    value,
  )

const nodeAt = (schema: Node, path: string): Node =>
  pointerOf(path.replace(/^#/, '')).reduce<unknown>(
    (node, key) => (node as Record<string, unknown> | undefined)?.[key],
    schema,
  ) as Node

/**
 * A failed union reports the errors of every branch. Keeps those of the branch the user meant: the one of the value's own
 * type, and of several the one with the fewest errors. Of a union without such a branch only the union itself is kept.
 */
function withoutOtherBranches(schema: Node, value: unknown, errors: readonly SchemaError[]): SchemaError[] {
  const unions = errors
    .filter(({ keyword }) => keyword === 'anyOf')
    .sort((a, b) => a.schemaPath.length - b.schemaPath.length)
  let kept = [...errors]
  for (const union of unions) {
    if (!kept.includes(union)) continue
    const branches = nodeAt(schema, union.schemaPath).anyOf ?? []
    const type = typeName(valueAt(value, pointerOf(union.instancePath)))
    const own = (index: number) => kept.filter((error) => isBelow(error, union, index))
    const meant = branches
      .map((branch, index) => ({ index, fits: (branch.type ?? typeName(branch.enum?.[0])) === type }))
      .filter(({ fits }) => fits)
      .sort((a, b) => own(a.index).length - own(b.index).length)[0]
    const dropped = new Set(branches.flatMap((_, index) => (index === meant?.index ? [] : own(index))))
    if (meant !== undefined) dropped.add(union)
    kept = kept.filter((error) => !dropped.has(error))
  }
  return kept.filter(({ keyword }) => keyword !== 'boolean')
}

const isBelow = (error: SchemaError, union: SchemaError, index: number): boolean => {
  const branch = `${union.schemaPath}/anyOf/${index}`
  const inside = error.instancePath === union.instancePath || error.instancePath.startsWith(`${union.instancePath}/`)
  return inside && (error.schemaPath === branch || error.schemaPath.startsWith(`${branch}/`))
}

function typeName(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return typeof value
}

function describe(
  schema: Node,
  file: SourceFile,
  value: unknown,
  error: SchemaError,
  all: readonly SchemaError[],
): Diagnostic[] {
  const pointer = pointerOf(error.instancePath)
  const node = nodeAt(schema, error.schemaPath)
  if (error.keyword === 'additionalProperties') return unknownKeys(file, pointer, node, error, missingKeys(error, all))
  if (error.keyword === 'required') {
    const unknown = all.filter(
      (other) => other.keyword === 'additionalProperties' && other.instancePath === error.instancePath,
    )
    return missing(
      file,
      pointer,
      node,
      error,
      unknown.flatMap((other) => other.params.additionalProperties as string[]),
    )
  }
  return [wrongValue(file, pointer, valueAt(value, pointer), node, error)]
}

const missingKeys = (error: SchemaError, all: readonly SchemaError[]): string[] =>
  all
    .filter((other) => other.keyword === 'required' && other.instancePath === error.instancePath)
    .flatMap((other) => other.params.requiredProperties as string[])

/** A required key that is missing and an unknown key like it are one mistake; it is reported at the unknown key. */
function unknownKeys(
  file: SourceFile,
  pointer: Pointer,
  node: Node,
  error: SchemaError,
  missed: readonly string[],
): Diagnostic[] {
  const known = Object.keys(node.properties ?? {})
  return (error.params.additionalProperties as string[]).map((key) => {
    const near = nearest(key, missed) ?? nearest(key, known)
    const pattern = Object.keys(node.patternProperties ?? {})[0]
    const hint =
      pattern !== undefined && known.length === 0
        ? `keys must match ${pattern}`
        : near !== undefined
          ? `did you mean "${near}"?`
          : `known here: ${known.join(', ')}`
    return at(file, 'FIELD_UNKNOWN', [...pointer, key], 'key', `${show(pointer)} has no field "${key}"`, hint)
  })
}

function missing(
  file: SourceFile,
  pointer: Pointer,
  node: Node,
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
      return at(
        file,
        'FIELD_MISSING',
        pointer,
        'key',
        `${show(pointer)} lacks the field "${key}"`,
        `add it${shown}. ${field?.description ?? ''}`.trim(),
      )
    })
}

const excerpt = (value: unknown): string => {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}

function wrongValue(file: SourceFile, pointer: Pointer, value: unknown, node: Node, error: SchemaError): Diagnostic {
  const shown = `${show(pointer)} is ${excerpt(value)}`
  const say = (code: Code, message: string, hint: string) =>
    at(file, code, pointer, 'value', `${shown}, ${message}`, hint)
  const { params } = error
  switch (error.keyword) {
    case 'type':
      return say('FIELD_TYPE', `must be ${article(String(params.type))}`, typeHint(String(params.type), value, node))
    case 'anyOf':
      return say(
        'FIELD_TYPE',
        `must be ${(node.anyOf ?? []).map((branch) => article(branch.type ?? 'string')).join(' or ')}`,
        node.description ?? '',
      )
    case 'enum': {
      const allowed = (params.allowedValues as unknown[]).map(String)
      const near = typeof value === 'string' ? nearest(value, allowed) : undefined
      return say(
        'FIELD_VALUE',
        `allowed: ${allowed.join(', ')}`,
        near === undefined ? `write one of: ${allowed.join(', ')}` : `did you mean "${near}"?`,
      )
    }
    case 'pattern':
      return say(
        'FIELD_VALUE',
        `must match ${node.pattern ?? String(params.pattern)}`,
        [node.description, exampleOf(node)].filter(Boolean).join(' '),
      )
    default:
      return say('FIELD_VALUE', error.message, node.description ?? `write a value that ${error.message}`)
  }
}

const exampleOf = ({ examples }: Node): string => (examples?.[0] === undefined ? '' : `Example: ${String(examples[0])}`)

const article = (type: string): string => `${/^[aio]/.test(type) ? 'an' : 'a'} ${type}`

function typeHint(wanted: string, value: unknown, node: Node): string {
  const numeric = wanted === 'integer' || wanted === 'number'
  if (numeric && typeof value === 'string' && value.trim() !== '' && !Number.isNaN(Number(value)))
    return `remove the quotes: ${value}`
  if (wanted === 'string' && typeof value === 'number') return `put it in quotes: "${value}"`
  if (wanted === 'array' && typeof value === 'string') return `write a list: [${value}]`
  return node.description ?? `write ${article(wanted)}`
}
