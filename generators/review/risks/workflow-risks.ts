// Risks of workflows: what runs with the repository’s rights, on whose word, and what runs no more.
import { parse } from 'yaml'
import { isMap } from '../source-changes.ts'
import type { CodeChange } from './file-risks.ts'
import type { Risk } from './risk.ts'

const workflow = /^\.github\/workflows\/([^/]+)\.ya?ml$/

export function workflowRisks(changes: readonly CodeChange[]): Risk[] {
  return changes.flatMap(({ path, line, before, after }): Risk[] => {
    const name = workflow.exec(path)?.[1]
    if (name === undefined) return []
    const [old, fresh] = [parsed(before), parsed(after)]
    // Comments, and the order of keys.
    if (before !== undefined && after !== undefined && sorted(old) === sorted(fresh)) return []
    const serious = seriousChanges(old, fresh)
    const what =
      before === undefined
        ? 'is new'
        : after === undefined
          ? 'goes: what it checked or released, nothing does'
          : 'changes'
    const text = `workflow ${name} ${what}${serious.length === 0 ? '' : `: ${serious.join('; ')}`}. What it runs is not judged here.`
    const level = serious.length > 0 || after === undefined ? 'caution' : 'warning'
    return [{ level, rule: 'workflow', where: `${path}:${line}`, text }]
  })
}

function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : parse(text)
  } catch {
    return text
  }
}

const sorted = (value: unknown): string =>
  JSON.stringify(value, (_, inner) =>
    isMap(inner) ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1))) : inner,
  ) ?? ''

/** Every value of a key, wherever it is, with the job that it belongs to. */
function valuesOf(tree: unknown, wanted: RegExp, path: readonly string[] = []): Map<string, string> {
  if (typeof tree !== 'object' || tree === null) return new Map()
  return new Map(
    Object.entries(tree).flatMap(([key, value]): [string, string][] => [
      ...(wanted.test(key) ? [[[...path, key].join('.'), sorted(value)] as [string, string]] : []),
      ...valuesOf(value, wanted, [...path, key]),
    ]),
  )
}

const list = (map: Map<string, string>): string[] => [...map].map(([key, value]) => `${key} ${value}`)

const rights = (tree: unknown): string[] =>
  [...valuesOf(tree, /^permissions$/)].flatMap(([path, value]) =>
    [...value.matchAll(/"([\w-]+)":"write"/g)]
      .map(([, right]) => `${path} ${right}`)
      .concat(value === '"write-all"' ? [`${path} all`] : []),
  )

const triggers = (tree: unknown): string[] => {
  const on = isMap(tree) ? (tree.on ?? tree.true) : undefined
  if (typeof on === 'string') return [on]
  return Array.isArray(on) ? on.map(String) : Object.keys(isMap(on) ? on : {})
}

const unpinned = (tree: unknown): string[] =>
  [...valuesOf(tree, /^uses$/).values()].filter((value) => !/@[0-9a-f]{40}"$/.test(value) && !value.startsWith('"./'))

const secrets = (tree: unknown): string[] => [...new Set(sorted(tree).match(/secrets\.\w+/g))]

/** Steps and jobs by what they do: a name may change. */
const steps = (tree: unknown): string[] =>
  list(valuesOf(tree, /^(?:run|uses)$/)).map((text) => text.replace(/^\S+ /, '').replace(/@[0-9a-f]{40}"$/, '"'))

const added = (before: readonly string[], after: readonly string[]): string[] =>
  after.filter((one) => !before.includes(one))

function seriousChanges(before: unknown, after: unknown): string[] {
  const words = (title: string, found: readonly string[]): string[] =>
    found.length === 0
      ? []
      : [
          `${title} ${found
            .slice(0, 3)
            .map((one) => `\`${short(one)}\``)
            .join(', ')}`,
        ]
  const conditions = (tree: unknown) =>
    list(valuesOf(tree, /^(?:if|needs|environment|continue-on-error|persist-credentials)$/))
  return [
    ...words('it gains the right to write', added(rights(before), rights(after))),
    ...words('it starts on', added(triggers(before), triggers(after))),
    ...words('it starts no more on', added(triggers(after), triggers(before))),
    ...words('it reads', added(secrets(before), secrets(after))),
    ...words('an action is not pinned to a commit:', added(unpinned(before), unpinned(after))),
    ...(after === undefined ? [] : words('it runs no more', added(steps(after), steps(before)))),
    ...(before === undefined || after === undefined
      ? []
      : words('another condition:', [
          ...added(conditions(before), conditions(after)),
          ...added(conditions(after), conditions(before)),
        ])),
  ]
}

const short = (text: string): string => {
  const line = text.replaceAll(/[`\n]/g, ' ')
  return line.length <= 70 ? line : `${line.slice(0, 69)}…`
}
