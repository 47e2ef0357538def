// Risks of packages: what is installed runs in the gateway, in synth and in CI; and of npm scripts, which workflows call.
import { isMap } from '../source-changes.ts'
import type { CodeChange } from './file-risks.ts'
import type { Risk } from './risk.ts'

export function dependencyRisks(changes: readonly CodeChange[]): Risk[] {
  return changes.flatMap(({ path, line, before, after }): Risk[] => {
    const where = `${path}:${line}`
    if (path === 'package.json') return manifestRisks(parsed(before), parsed(after), where)
    return path === 'package-lock.json' ? lockRisks(packagesOf(before), packagesOf(after), where) : []
  })
}

type Fields = Record<string, unknown>

function parsed(text: string | undefined): Fields {
  try {
    const value: unknown = JSON.parse(text ?? '{}')
    return isMap(value) ? value : {}
  } catch {
    return {}
  }
}

/** Fields of package.json that decide what runs; versions of packages are judged by the lock file. */
function manifestRisks(before: Fields, after: Fields, where: string): Risk[] {
  return ['scripts', 'engines', 'overrides', 'optionalDependencies', 'dependencies', 'devDependencies'].flatMap(
    (field) => {
      const [old, fresh] = [before[field], after[field]].map((value) => (isMap(value) ? value : {}))
      const names = Object.keys({ ...old, ...fresh }).filter((name) => old?.[name] !== fresh?.[name])
      if (names.length === 0) return []
      const text = `\`${field}\` of package.json changes: ${few(names)}. What it runs is not judged here.`
      return [{ level: 'warning' as const, rule: 'package-scripts', where, text }]
    },
  )
}

interface Installed {
  version?: unknown
  integrity?: unknown
  hasInstallScript?: unknown
}

const packagesOf = (text: string | undefined): Record<string, Installed> => {
  const { packages } = parsed(text)
  return isMap(packages) ? (packages as Record<string, Installed>) : {}
}

function lockRisks(before: Record<string, Installed>, after: Record<string, Installed>, where: string): Risk[] {
  const names = Object.keys({ ...before, ...after }).filter((path) => path !== '')
  const other = names.filter((path) => {
    const [old, fresh] = [before[path], after[path]]
    return (
      old !== undefined && fresh !== undefined && old.version === fresh.version && old.integrity !== fresh.integrity
    )
  })
  const moved = names.filter((path) => before[path]?.version !== after[path]?.version)
  const scripts = names.filter(
    (path) => after[path]?.hasInstallScript === true && before[path]?.hasInstallScript !== true,
  )
  const shown = moved.map((path) => `${short(path)} ${version(before[path])} → ${version(after[path])}`)
  const make = (level: Risk['level'], rule: string, text: string): Risk => ({ level, rule, where, text })
  return [
    ...(other.length === 0
      ? []
      : [
          make(
            'caution',
            'package-replaced',
            `other content under the same version: ${few(other.map(short))}. A published version never changes.`,
          ),
        ]),
    ...(scripts.length === 0
      ? []
      : [make('caution', 'package-script', `packages with an install script are new: ${few(scripts.map(short))}.`)]),
    ...(moved.length === 0
      ? []
      : [
          make(
            'warning',
            'packages',
            `${moved.length === 1 ? '1 package changes' : `${moved.length} packages change`}: ${few(shown)}. Their code is not judged here.`,
          ),
        ]),
  ]
}

const short = (path: string): string => path.replace(/^.*node_modules\//, '')
const version = (one: Installed | undefined): string => (typeof one?.version === 'string' ? one.version : 'none')
const few = (names: readonly string[]): string =>
  `${names
    .slice(0, 4)
    .map((name) => `\`${name.replaceAll('`', '')}\``)
    .join(', ')}${names.length > 4 ? ` and ${names.length - 4} more` : ''}`
