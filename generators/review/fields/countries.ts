// What a change of the countries means whose calls CloudFront lets in.
import type { Verdict } from './row.ts'

interface Countries {
  mode?: unknown
  countries?: unknown
}

/** Fewer countries that are let in is a refusal, more of them an opening. */
export function judgeCountries(before: unknown, after: unknown): Verdict | undefined {
  const old = (before ?? { mode: 'block' }) as Countries
  const fresh = (after ?? { mode: 'block' }) as Countries
  const [was, is] = [codesOf(old), codesOf(fresh)]
  const words = (codes: readonly string[]) => codes.slice(0, 6).join(', ')
  if (old.mode !== fresh.mode) {
    if (fresh.mode === 'allow') return ['warning', `: only calls from ${words(is)} are let in from now on.`]
    return [
      'caution',
      `: calls from every country${is.length === 0 ? '' : ` but ${words(is)}`} are let in from now on.`,
    ]
  }
  const came = is.filter((code) => !was.includes(code))
  const went = was.filter((code) => !is.includes(code))
  const [letIn, refused] = fresh.mode === 'block' ? [went, came] : [came, went]
  if (letIn.length > 0) return ['caution', `: calls from ${words(letIn)} are let in from now on.`]
  return refused.length > 0 ? ['warning', `: calls from ${words(refused)} are refused from now on.`] : undefined
}

const codesOf = ({ countries }: Countries): string[] => (Array.isArray(countries) ? countries.map(String) : [])
