// Further command-line flags of an engine, checked against the list recorded from that version's own parser.
import { didYouMean, nearest } from '../diagnostics/nearest.ts'
import type { Engine, Flags } from '../engines/engine.ts'
import type { Report } from './model-rules.ts'

/** The parser accepts any unambiguous beginning of a flag; here it must be whole, or a later version would change its meaning. */
export function checkExtraArgs(engine: Engine, flags: Flags, args: readonly string[], report: Report): void {
  let open: { flag: string; index: number; kind: Flags[string] } | undefined
  const close = () => {
    if (open !== undefined && open.kind !== 'switch' && open.kind !== 'optional') {
      report(
        'ENGINE_ARGUMENT_VALUE',
        ['engine', 'extraArgs', open.index],
        `${open.flag} needs a value`,
        `write ${open.flag}=VALUE`,
      )
    }
    open = undefined
  }
  for (const [index, arg] of args.entries()) {
    const place = ['engine', 'extraArgs', index]
    if (!arg.startsWith('--')) {
      if (open === undefined || open.kind === 'switch')
        report(
          'ENGINE_ARGUMENT_VALUE',
          place,
          `"${arg}" belongs to no flag`,
          'write a flag with two dashes before it, or remove it',
        )
      else checkChoice(open.flag, arg, open.kind, place, report)
      if (open?.kind !== 'list') open = undefined
      continue
    }
    close()
    const [flag = '', value] = splitFlag(arg)
    const kind = Object.hasOwn(flags, flag) ? flags[flag] : undefined
    if (kind === undefined) {
      const near = nearest(flag, Object.keys(flags))
      report(
        'ENGINE_ARGUMENT_UNKNOWN',
        place,
        `this version of ${engine.name} has no flag ${flag}`,
        near === undefined ? `see ${engine.name}'s own help` : `did you mean ${near}?`,
      )
    } else if (engine.ownedFlags.includes(flag)) {
      report(
        'ENGINE_ARGUMENT_OWNED',
        place,
        `${flag} is set by a field of the model file or by the platform`,
        `remove it; fields: ${engine.options.join(', ')}`,
      )
    } else if (value === undefined) open = { flag, index, kind }
    else if (kind === 'switch')
      report('ENGINE_ARGUMENT_VALUE', place, `${flag} takes no value, but has "${value}"`, `write ${flag}`)
    else checkChoice(flag, value, kind, place, report)
  }
  close()
}

const splitFlag = (arg: string): [string, string?] => {
  const at = arg.indexOf('=')
  return at < 0 ? [arg] : [arg.slice(0, at), arg.slice(at + 1)]
}

function checkChoice(
  flag: string,
  value: string,
  kind: Flags[string],
  place: (string | number)[],
  report: Report,
): void {
  if (typeof kind === 'string' || kind === undefined || kind.includes(value)) return
  report(
    'ENGINE_ARGUMENT_VALUE',
    place,
    `${flag} cannot be "${value}"`,
    `${didYouMean(value, kind)}allowed: ${kind.join(', ')}`,
  )
}
