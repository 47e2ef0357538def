// Reserved GPUs that end soon, or have ended: what runs on them is ended by AWS.
import type { ClusterPlan } from '../../plan/cluster-plan.ts'
import type { Side } from '../side.ts'
import type { Risk } from './risk.ts'

const day = 86_400_000
/** The warning comes this long before the end. */
const warningDays = 14

/** @param date of today, YYYY-MM-DD: synth has no clock, and the same files give the same bytes on any day */
export function reservationRisks({ plans }: Side, date: string): Risk[] {
  return plans.flatMap((plan) =>
    plan.cluster.gpu.reservations.flatMap(({ id, kind, count, until }): Risk[] => {
      if (until === undefined) return []
      const days = Math.round((Date.parse(until) - Date.parse(date)) / day)
      if (days > warningDays) return []
      const what = `${count} reserved ${kind} (${id})`
      const when = days < 0 ? `ended on ${until}` : `end on ${until}, in ${days} days`
      const text = `${what} ${when}. ${usersText(plan, kind)}`
      return [{ level: days < 0 ? 'caution' : 'warning', rule: 'reservation-ends', where: plan.cluster.name, text }]
    }),
  )
}

function usersText({ models }: ClusterPlan, kind: string): string {
  const users = models.filter(({ gpu }) => gpu?.kind === kind && gpu.capacity.includes('reserved'))
  const stuck = users.filter(({ gpu }) => gpu?.capacity.length === 1).map(({ name }) => name)
  const moving = users.filter(({ gpu }) => (gpu?.capacity.length ?? 0) > 1).map(({ name }) => name)
  return [
    ...(stuck.length > 0 ? [`No other GPU may run ${stuck.join(', ')}: add on-demand to its capacity.`] : []),
    ...(moving.length > 0 ? [`Karpenter buys others for ${moving.join(', ')} then.`] : []),
    ...(users.length === 0 ? ['No model asks for them.'] : []),
  ].join(' ')
}
