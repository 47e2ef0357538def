// A rule over the whole graph. Resources are found by type and inputs, never by name, so whatever is added is checked too.
import type { Graph, Resource } from '../../graph/graph.ts'

export interface Rule {
  /** True of every graph. */
  sentence: string
  /** What is wrong: one line each, beginning with the resource’s name. */
  check(graph: Graph): string[]
  /** Changes to a copy of a graph, each of which `check` must notice. */
  breaks: Record<string, (graph: Graph) => void>
}

export type Json = string | number | boolean | null | undefined | Json[] | { [key: string]: Json }

/** Every value inside `value`, depth first, with the path to it. */
export function* walk(value: unknown, path: string[] = []): Generator<{ path: string[]; value: unknown }> {
  yield { path, value }
  if (typeof value !== 'object' || value === null) return
  for (const [key, inner] of Object.entries(value)) yield* walk(inner, [...path, key])
}

/** Strings among the inputs, with the path to each. */
export const strings = ({ inputs }: Resource): { path: string[]; value: string }[] =>
  [...walk(inputs)].filter((found): found is { path: string[]; value: string } => typeof found.value === 'string')

/** The first resource of a type, to break it. */
export function first(graph: Graph, type: string): Resource {
  const found = graph.resources.find((resource) => resource.type === type)
  if (found === undefined) throw new Error(`the graph has no ${type}`)
  return found
}

/** A resource like the first of a type, under another name, with other inputs. */
export function added(graph: Graph, like: string, inputs: Record<string, unknown>): void {
  const model = first(graph, like)
  graph.resources.push({ ...model, name: `${model.parent}-added`, urn: `${model.urn}-added`, inputs })
}
