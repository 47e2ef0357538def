// A refusal of the API server as a person wants to read it: which object, in which words, on which line of the rendered file, and
// which line of which source file synth made it from.
import { parseYaml } from '../../load/parse-source.ts'
import type { Pointer } from '../../load/source-file.ts'

type Read = (path: string) => string

/** Path of a field in a message of Kubernetes: `spec.ports[0].port: Invalid value`, `unknown field "spec.portz"`. */
const fieldPath = /(?:^|[\s".([])((?:spec|metadata|data|rules|webhooks)(?:\.[A-Za-z][\w/-]*|\[[^\]]*\])+)/

/** `path` is of a rendered file, `read` gives the text of any file of that repository. */
export function refusal(path: string, message: string, read: Read): string {
  const text = read(path)
  const { file } = parseYaml(path, text)
  const pointer = pointerOf(message)
  const { line, column } = file?.position(pointer) ?? { line: 1, column: 1 }
  const { kind, metadata } = (file?.value ?? {}) as { kind?: string; metadata?: { name?: string; namespace?: string } }
  const name = [metadata?.namespace, metadata?.name].filter(Boolean).join('/')
  const source = sourceOf(text, valueAt(file?.value, pointer), read)
  const made = source === undefined ? '' : `\n  made from ${source}`
  return `${path}:${line}:${column} ${kind ?? 'an object'} ${name}\n  ${message.trim()}${made}`
}

function pointerOf(message: string): Pointer {
  const found = fieldPath.exec(message)?.[1]
  const parts = found?.match(/[A-Za-z][\w/-]*|\[[^\]]*\]/g) ?? []
  return parts.map((part) => (part.startsWith('[') ? indexOf(part.slice(1, -1)) : part))
}

const indexOf = (text: string): string | number => (/^\d+$/.test(text) ? Number(text) : text)

const valueAt = (value: unknown, pointer: Pointer): unknown =>
  pointer.reduce<unknown>((parent, part) => (parent as Record<string, unknown> | undefined)?.[part], value)

/** The file that the first line of a rendered file names, with the line that holds the refused value, where it is there unchanged. */
function sourceOf(rendered: string, refused: unknown, read: Read): string | undefined {
  const path = /^# Generated from (\S+) by /.exec(rendered)?.[1]
  if (path === undefined) return undefined
  const { file } = parseYaml(path, read(path))
  const pointer =
    refused === undefined ? undefined : leaves(file?.value).find(({ value }) => value === refused)?.pointer
  if (file === undefined || pointer === undefined) return path
  const { line, column } = file.position(pointer)
  return `${path}:${line}:${column}`
}

function leaves(value: unknown, pointer: Pointer = []): { pointer: Pointer; value: unknown }[] {
  if (typeof value !== 'object' || value === null) return [{ pointer, value }]
  const entries: [string | number, unknown][] = Array.isArray(value) ? [...value.entries()] : Object.entries(value)
  return entries.flatMap(([key, inner]) => leaves(inner, [...pointer, key]))
}
