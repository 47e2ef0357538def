// JSON Schemas for editors: completion, descriptions and typing mistakes marked while one types.
import { engines } from '../engines/index.ts'
import type { RenderedFile } from '../write/rendered-file.ts'
import { type SourceKind, sourceKinds } from './sources.ts'

type Json = Record<string, unknown>

export const editorSchemas = (): RenderedFile[] =>
  sourceKinds.map((kind) => ({
    path: `schemas/${kind.name}.schema.json`,
    text: `${JSON.stringify(editorSchema(kind), null, 2)}\n`,
  }))

function editorSchema({ files, declared, schema }: SourceKind): Json {
  const plain = withEngineNames(JSON.parse(JSON.stringify(schema)) as Json)
  const own = files.endsWith('.json') ? plain : withNull(plain, false)
  return {
    // Draft-07 is what yaml-language-server understands best.
    $schema: 'http://json-schema.org/draft-07/schema#',
    $comment: `Generated from ${declared} by npm run synth; do not edit.`,
    ...own,
  }
}

/** The schema leaves engine names open, so that an engine is one file and one registry line; editors get the list. */
function withEngineNames(schema: Json): Json {
  const names = engines.map(({ name }) => name)
  return mapObjects(schema, (object) =>
    object.type === 'string' && object.description === 'Name of the engine.'
      ? { type: 'string', enum: names, description: object.description }
      : object,
  )
}

/** Without our own keywords. Takes null where synth does: an object without required fields that has nothing behind it, and in a cluster's patch what null removes. */
function withNull({ mergePatch, moved: _moved, refused: _refused, form, ...node }: Json, inPatch: boolean): Json {
  const below = inPatch || mergePatch === true
  const required = (node.required ?? []) as string[]
  const fields = (entries: unknown): Json =>
    Object.fromEntries(
      Object.entries(entries as Record<string, Json>).map(([name, field]) => {
        const own = withNull(field, below)
        const isOpen = below ? !required.includes(name) : mayBeEmpty(field)
        return [name, isOpen ? orNull(own) : own]
      }),
    )
  return {
    ...node,
    // What yaml-language-server and VS Code print in place of the pattern.
    ...(form === undefined ? {} : { patternErrorMessage: `must be ${form}` }),
    ...(node.properties === undefined ? {} : { properties: fields(node.properties) }),
    ...(node.patternProperties === undefined ? {} : { patternProperties: fields(node.patternProperties) }),
    ...(Array.isArray(node.anyOf) ? { anyOf: node.anyOf.map((branch: Json) => withNull(branch, below)) } : {}),
    ...(node.items === undefined ? {} : { items: withNull(node.items as Json, false) }),
  }
}

const mayBeEmpty = ({ type, required, minProperties }: Json): boolean =>
  type === 'object' && required === undefined && minProperties === undefined

const orNull = (field: Json): Json =>
  typeof field.type === 'string' && field.enum === undefined
    ? { ...field, type: [field.type, 'null'] }
    : {
        ...(field.description === undefined ? {} : { description: field.description }),
        anyOf: [{ type: 'null' }, field],
      }

function mapObjects(value: unknown, change: (object: Json) => Json): Json {
  const walk = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(walk)
    if (typeof node !== 'object' || node === null) return node
    return change(Object.fromEntries(Object.entries(node).map(([key, item]) => [key, walk(item)])))
  }
  return walk(value) as Json
}
