// What a change does to the thresholds of alerts: those of objectives that the file says, and those that follow from how a model starts.
import type { ModelPlan } from '../../plan/cluster-plan.ts'
import type { ModelRule } from './model-rule.ts'

const latency = (seconds: number | undefined): string =>
  seconds === undefined ? 'none' : seconds < 1 ? `${Math.round(seconds * 1000)} ms` : `${seconds} s`
const wait = (seconds: number): string => `${Math.round(seconds / 60)} min`
const share = (percent: number | undefined): string => (percent === undefined ? 'none' : `${percent} %`)

interface Threshold {
  name: string
  shown: string
  /** Larger is looser; none is the loosest. */
  looseness: number
}

const thresholds = ({ slo, settings }: ModelPlan): Threshold[] => [
  {
    name: 'first token p95',
    shown: latency(settings.slo.firstTokenSeconds),
    looseness: settings.slo.firstTokenSeconds ?? Number.POSITIVE_INFINITY,
  },
  {
    name: 'between tokens p95',
    shown: latency(settings.slo.interTokenSeconds),
    looseness: settings.slo.interTokenSeconds ?? Number.POSITIVE_INFINITY,
  },
  { name: 'availability', shown: share(slo.availability), looseness: 100 - (slo.availability ?? 0) },
  { name: 'ModelDown after', shown: wait(slo.downAfterSeconds), looseness: slo.downAfterSeconds },
  { name: 'ModelWaking after', shown: wait(slo.wakingAfterSeconds), looseness: slo.wakingAfterSeconds },
]

const objective: ModelRule = ({ before, after }) => {
  const old = thresholds(before)
  const moved = thresholds(after).flatMap((fresh, index) => {
    const was = old[index]
    return was === undefined || was.shown === fresh.shown ? [] : [{ was, fresh }]
  })
  if (moved.length === 0) return undefined
  const isLooser = moved.some(({ was, fresh }) => fresh.looseness > was.looseness)
  const list = moved.map(({ was, fresh }) => `${fresh.name} ${was.shown} → ${fresh.shown}`).join(', ')
  return [isLooser ? 'warning' : 'note', 'objective', `has alerts at other thresholds: ${list}.`]
}

export const objectiveRules: readonly ModelRule[] = [objective]
