// What the AWS provider takes, by resource type: the names of its inputs, which are required, how they nest. And where a graph differs.
import type { Graph } from '../../graph/graph.ts'

/** `@NAME` is one of the objects of the schema, by name. */
export type Shape =
  | 'string'
  | 'number'
  | 'boolean'
  | 'any'
  | `@${string}`
  | { list: Shape }
  | { map: Shape }
  | { either: Shape[] }

export interface Fields {
  fields: Record<string, Shape>
  required: string[]
}

export interface ProviderSchema {
  /** Version of the package that it was read from. */
  version: string
  /** Resource types and nested objects. */
  objects: Record<string, Fields>
}

/** A line for every input of AWS’s resources that the provider has no place for, or misses. */
export function inputProblems({ resources }: Graph, { objects }: ProviderSchema): string[] {
  return resources
    .filter(({ type }) => type.startsWith('aws:'))
    .flatMap(({ type, name, inputs }) =>
      objects[type] === undefined
        ? [`${name}: the schema has no ${type}`]
        : problemsOf(inputs, `@${type}`, name, objects),
    )
}

type Objects = ProviderSchema['objects']

function problemsOf(value: unknown, shape: Shape, path: string, objects: Objects): string[] {
  // Left out: Pulumi sends nothing for it.
  if (value === undefined || value === null || shape === 'any') return []
  if (typeof shape === 'string') {
    if (shape.startsWith('@')) return problemsOfObject(value, shape.slice(1), path, objects)
    return isScalar(value, shape) ? [] : [`${path}: ${kindOf(value)} in place of a ${shape}`]
  }
  if ('either' in shape) {
    const all = shape.either.map((one) => problemsOf(value, one, path, objects))
    return all.toSorted((a, b) => a.length - b.length)[0] ?? []
  }
  if ('list' in shape)
    return Array.isArray(value)
      ? value.flatMap((one, index) => problemsOf(one, shape.list, `${path}[${index}]`, objects))
      : [`${path}: ${kindOf(value)} in place of a list`]
  return isObject(value)
    ? Object.entries(value).flatMap(([key, one]) => problemsOf(one, shape.map, `${path}.${key}`, objects))
    : [`${path}: ${kindOf(value)} in place of a map`]
}

function problemsOfObject(value: unknown, name: string, path: string, objects: Objects): string[] {
  const object = objects[name]
  if (object === undefined) throw new Error(`the provider’s schema has no ${name}`)
  if (!isObject(value)) return [`${path}: ${kindOf(value)} in place of an object`]
  const missing = object.required.filter((field) => value[field] === undefined || value[field] === null)
  return [
    ...missing.map((field) => `${path}.${field}: required, and missing`),
    ...Object.entries(value).flatMap(([key, one]) => {
      const shape = Object.hasOwn(object.fields, key) ? object.fields[key] : undefined
      return shape === undefined
        ? [`${path}.${key}: the provider has no such input`]
        : problemsOf(one, shape, `${path}.${key}`, objects)
    }),
  ]
}

/** The provider reads numbers and booleans from text too. */
const isScalar = (value: unknown, shape: string): boolean =>
  typeof value === shape || (shape === 'string' && ['number', 'boolean'].includes(typeof value))

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const kindOf = (value: unknown): string =>
  Array.isArray(value) ? 'a list' : isObject(value) ? 'an object' : typeof value
