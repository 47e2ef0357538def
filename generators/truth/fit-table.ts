// How sure the planner is, per family of models and GPU: the table of docs/fit.md.
import type { Lock } from '../schema/lock.ts'
import type { Verdict } from './judge.ts'

export function familyOf({ cache, experts, quantization }: Lock): string {
  const kinds = cache.map(({ kind }) => kind)
  const stored = quantization === undefined ? '' : `, ${quantization}`
  if (kinds.includes('state')) return `recurrent layers${stored}`
  if (kinds.includes('latent')) return `latent attention${stored}`
  if (kinds.includes('sliding')) return `windows${stored}`
  return `${experts === undefined ? 'dense' : 'mixture of experts'}${stored}`
}

const range = (values: readonly number[], text: (value: number) => string): string => {
  if (values.length === 0) return '–'
  const [low, high] = [Math.min(...values), Math.max(...values)].map(text)
  return low === high ? `${low}` : `${low}…${high}`
}

const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(1)}`

const defined = (values: (number | undefined)[]): number[] => values.filter((value) => value !== undefined)

/** Markdown, sorted by family and GPU. */
export function fitTable(verdicts: readonly Verdict[]): string {
  const groups = Map.groupBy(
    verdicts.filter((one) => one.lock !== undefined),
    ({ lock, case: { gpu } }) => `${lock === undefined ? '' : familyOf(lock)} | ${gpu.replace(/^NVIDIA /, '')}`,
  )
  const rows = [...groups]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, members]) => {
      const ratios = defined(members.map(({ kvTokensRatio }) => kvTokensRatio))
      const errors = defined(members.map(({ kvGibError }) => kvGibError))
      const right = members.filter(({ saysFits, case: one }) => saysFits === one.observed.fits).length
      const cells = [range(ratios, (value) => value.toFixed(2)), range(errors, signed), `${right} of ${members.length}`]
      return `| ${name} | ${cells.join(' | ')} |`
    })
  return [
    '| family | GPU | tokens, said ÷ logged | KV GiB, said − logged | starts foretold |',
    '|---|---|---|---|---|',
    ...rows,
  ].join('\n')
}
