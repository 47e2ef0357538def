// Rules about what opens an engine, and about its variables: nothing lets callers, code or connections in without an approval.
import { didYouMean } from '../diagnostics/nearest.ts'
import type { Engine, EngineVersion, Opening } from '../engines/engine.ts'
import { readFlagUses, valuesOf } from '../engines/flag-uses.ts'
import { processOpenings } from '../engines/process-openings.ts'
import { approvedOpenings } from '../schema/engine-policy.ts'
import type { Report } from './findings.ts'
import type { Draft } from './model-settings.ts'

const policy = 'generators/schema/engine-policy.ts'

/** What switches a variable or flag off, or leaves it unset. */
const isOff = (value: string): boolean => /^\s*(?:0|false|no|off|none|)\s*$/i.test(value)

const doesOpen = ({ when }: Opening, value: string): boolean => (when === undefined ? !isOff(value) : when.test(value))

const lookUp = <Value>(table: Readonly<Record<string, Value>>, name: string): Value | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined

/** @param approvals of this model, in schema/engine-policy.ts */
export function checkOpenings(
  engine: Engine,
  { flags = {} }: EngineVersion,
  { name, draft }: { name: string; draft: Pick<Draft, 'engine' | 'env'> },
  report: Report,
  approvals: readonly string[] = lookUp(approvedOpenings, name) ?? [],
): void {
  const { extraArgs = [] } = draft.engine
  const refuse = (setting: string, { what }: Opening, field: (string | number)[], target: 'key' | 'value') => {
    if (approvals.includes(setting)) return
    const line = `'${name}': ['${[...approvals, setting].join("', '")}']`
    report('ENGINE_OPENED', field, `${setting} ${what}`, `remove it, or have ${line} approved in ${policy}`, target)
  }
  for (const use of readFlagUses(extraArgs).uses) {
    const opening = Object.hasOwn(flags, use.flag) ? lookUp(engine.opens ?? {}, use.flag) : undefined
    const values = valuesOf(use).map(({ text }) => text)
    // A flag without a value is a switch that is on.
    const opens = opening !== undefined && (values.length === 0 || values.some((value) => doesOpen(opening, value)))
    if (opens) refuse(use.flag, opening, ['engine', 'extraArgs', use.index], 'value')
  }
  const opens = { ...processOpenings, ...engine.opens }
  for (const [variable, value] of Object.entries(draft.env)) {
    const opening = lookUp(opens, variable)
    if (opening !== undefined && doesOpen(opening, value)) refuse(variable, opening, ['env', variable], 'key')
  }
}

/** Variables that the platform sets, that are flags, or that this version does not read. */
export function checkVariables(
  engine: Engine,
  version: EngineVersion,
  { env }: Pick<Draft, 'env'>,
  report: Report,
): void {
  const known = version.environment ?? []
  const prefix = `${known[0]?.split('_')[0]}_`
  const opens = { ...processOpenings, ...engine.opens }
  for (const name of Object.keys(env)) {
    const flag = `--${name.toLowerCase().replaceAll('_', '-')}`
    const isFlag = engine.flagsAreVariables === true && lookUp(version.flags ?? {}, flag) !== undefined
    if (name in engine.environment('') || name === 'HF_TOKEN' || (isFlag && engine.ownedFlags.includes(flag)))
      report('ENVIRONMENT_OWNED', ['env', name], `${name} is set by the platform`, 'remove it', 'key')
    else if (isFlag)
      report(
        'ENVIRONMENT_OWNED',
        ['env', name],
        `${name} is the flag ${flag} of ${engine.name} in another place`,
        `write engine.extraArgs: [${flag}=VALUE], where its value is checked`,
        'key',
      )
    else if (known.length > 0 && name.startsWith(prefix) && !known.includes(name) && !Object.hasOwn(opens, name))
      report(
        'ENVIRONMENT_UNKNOWN',
        ['env', name],
        `${engine.name} ${version.version} reads no variable ${name}`,
        didYouMean(name, known) || 'remove it',
        'key',
      )
  }
}
