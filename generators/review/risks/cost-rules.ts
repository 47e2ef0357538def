// What a change of one model costs, and what it takes from it: its budget, its spare GPU, its second pod.
import type { ModelRule } from './model-rule.ts'

const dollars = (usd: number): string => `$${Math.round(usd).toLocaleString('en-US')}`

/** Twice as much at most, and more than a CPU node’s worth. */
const costly = { times: 2, usd: 500 }

export const costRules: readonly ModelRule[] = [
  ({ before, after }) => {
    const [old, fresh] = [before, after].map(({ settings }) => settings.budget?.maxMonthlyUsd)
    if (old === undefined || (fresh !== undefined && fresh <= old)) return undefined
    const most = `with all replicas it costs ${dollars(after.cost.maxMonthlyUsd)} a month`
    const grows = after.cost.maxMonthlyUsd > old
    if (fresh === undefined)
      return [
        grows ? 'caution' : 'warning',
        'budget-removed',
        `has no budget any more (${dollars(old)} before): ${most}.`,
      ]
    return [
      grows && fresh >= old * 10 ? 'caution' : grows ? 'warning' : 'note',
      'budget-raised',
      `has a budget of ${dollars(fresh)} instead of ${dollars(old)}: ${most}.`,
    ]
  },
  ({ before, after }) => {
    const [old, fresh] = [before.cost.maxMonthlyUsd, after.cost.maxMonthlyUsd]
    if (fresh < old * costly.times || fresh - old < costly.usd) return undefined
    const text = `costs up to ${dollars(fresh)} a month instead of ${dollars(old)}.`
    return [fresh >= old * 10 ? 'caution' : 'warning', 'costs-more', text]
  },
  ({ row, before, after }) => {
    if (!before.rollout.surge || after.rollout.surge || row.rollout === 'one by one') return undefined
    const text = `leaves no spare GPU: from now on an old pod goes before its new one starts${after.scaling.minReplicas <= 1 ? ', and with one pod nobody answers meanwhile' : ''}.`
    return [after.scaling.minReplicas <= 1 ? 'caution' : 'warning', 'spare-gone', text]
  },
  ({ before, after }) =>
    before.scaling.minReplicas > 1 && after.scaling.minReplicas === 1
      ? [
          'warning',
          'lone-pod',
          `keeps one pod instead of ${before.scaling.minReplicas}: nobody answers while it is replaced, unless load has started a second.`,
        ]
      : undefined,
]
