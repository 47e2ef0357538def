// How true the planner is: feeds it starts of vLLM whose logs are public, and prints what it says beside what they said.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { CaseProblem, readCases } from '../generators/truth/case.ts'
import { confusion, judge, quantile, type Verdict } from '../generators/truth/judge.ts'

const own = join(import.meta.dirname, '../generators/truth/cases.json')

const text = (value: number | undefined, digits = 2, width = 8): string =>
  (value === undefined || !Number.isFinite(value) ? '–' : value.toFixed(digits)).padStart(width)

const yes = (value: boolean | undefined): string => (value === undefined ? '–' : value ? 'yes' : 'no')

function row({ case: one, fit, refused, ...errors }: Verdict): string {
  if (refused !== undefined) return `${one.id.padEnd(26)} refused: ${refused}`
  const wrong = errors.saysFits === one.observed.fits ? '' : errors.saysFits ? '  would fail' : '  refused in vain'
  const kv = `${text(fit?.freeKvGib)} ${text(one.observed.kvGiB ?? undefined)}`
  return `${one.id.padEnd(26)} ${text(errors.weightsGibError)} ${kv} ${text(errors.kvTokensRatio, 3)}  ${yes(errors.saysFits).padEnd(4)} ${yes(one.observed.fits)}${wrong}`
}

function table(verdicts: readonly Verdict[]): string {
  const ratios = verdicts.flatMap(({ kvTokensRatio }) => (kvTokensRatio === undefined ? [] : [kvTokensRatio]))
  const count = confusion(verdicts)
  return [
    `${'case'.padEnd(26)} ${'weights'.padStart(8)} ${'KV GiB'.padStart(8)} ${'logged'.padStart(8)} ${'tokens'.padStart(8)}  fits started`,
    ...verdicts.map(row),
    '',
    `tokens said ÷ logged, ${ratios.length} starts: p10 ${text(quantile(ratios, 0.1), 3, 0)}, median ${text(quantile(ratios, 0.5), 3, 0)}, p90 ${text(quantile(ratios, 0.9), 3, 0)}, ${text(Math.min(...ratios), 3, 0)} to ${text(Math.max(...ratios), 3, 0)}`,
    `fit and started ${count.bothFit}; said to fit, failed ${count.saidToFitFailed}; refused, started ${count.refusedRuns}; neither ${count.neither}; config.json refused ${count.refusedByConfig}`,
  ].join('\n')
}

/** Null where it is not known. */
const asJson = ({ case: one, kvTokensRatio, weightsGibError, saysFits, refused }: Verdict) => ({
  id: one.id,
  kvTokensRatio: kvTokensRatio ?? null,
  weightsGibError: weightsGibError ?? null,
  saysFits: saysFits ?? null,
  observedFits: one.observed.fits,
  refused: refused !== undefined,
})

/** Throws a CaseProblem for a file that holds no cases. */
export function fitReport(args: readonly string[]): string {
  const { values } = parseArgs({
    args: [...args],
    options: { cases: { type: 'string', default: own }, json: { type: 'boolean', default: false } },
  })
  const cases = readFile(values.cases)
  const verdicts = cases.map((one) => judge(one))
  return values.json ? JSON.stringify({ cases: verdicts.map(asJson) }, null, 2) : table(verdicts)
}

function readFile(path: string) {
  try {
    return readCases(readFileSync(path, 'utf8'))
  } catch (error) {
    if (error instanceof CaseProblem) throw new CaseProblem(`${path} ${error.message}`)
    throw new CaseProblem(`${path} cannot be read: ${error instanceof Error ? error.message : error}`)
  }
}
