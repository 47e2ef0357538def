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

function editorSchema({ name, declared, schema }: SourceKind): Json {
  const plain = JSON.parse(JSON.stringify(schema)) as Json
  const own = name === 'model' ? withNullInPatches(withEngineNames(plain)) : plain
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

/** In a cluster's patch `null` removes a field (JSON merge patch). */
function withNullInPatches(schema: Json): Json {
  const clusters = (schema.properties as Json).clusters as Json
  const [[pattern, patch] = ['', {}]] = Object.entries(clusters.patternProperties as Json) as [string, Json][]
  const properties = Object.entries(patch.properties as Record<string, Json>).map(([name, field]) => [
    name,
    { description: field.description, anyOf: [{ type: 'null' }, field] },
  ])
  const patched = {
    ...clusters,
    patternProperties: { [pattern]: { ...patch, properties: Object.fromEntries(properties) } },
  }
  return { ...schema, properties: { ...(schema.properties as Json), clusters: patched } }
}

function mapObjects(value: unknown, change: (object: Json) => Json): Json {
  const walk = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(walk)
    if (typeof node !== 'object' || node === null) return node
    return change(Object.fromEntries(Object.entries(node).map(([key, item]) => [key, walk(item)])))
  }
  return walk(value) as Json
}
