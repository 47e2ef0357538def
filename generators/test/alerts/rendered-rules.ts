// The rules that synth renders, as Prometheus gets them, and the program that checks them.
import { join } from 'node:path'
import { sampleRoot } from '../../../test/sample-tree.ts'
import { everything, planRepository } from '../../pipeline.ts'
import type { ClusterPlan, ModelPlan } from '../../plan/cluster-plan.ts'
import { modelAlerts } from '../../render/alerts/model-alerts.ts'
import { platformAlerts } from '../../render/alerts/platform-alerts.ts'
import type { Rule } from '../../render/alerts/rule.ts'
import { prometheusFolder, whyNot } from '../waking/prometheus.ts'

export const { plans } = planRepository(sampleRoot, everything)

export interface RuleFile {
  cluster: ClusterPlan
  /** Undefined: of the platform. */
  model?: ModelPlan
  groups: { name: string; rules: Rule[] }[]
}

const groupsOf = ({ spec }: ReturnType<typeof platformAlerts>): RuleFile['groups'] =>
  (spec.groups ?? []).map(({ name, rules = [] }) => ({ name, rules }))

export const ruleFiles: RuleFile[] = plans.flatMap((cluster) => [
  { cluster, groups: groupsOf(platformAlerts(cluster.cluster)) },
  ...cluster.models.map((model) => ({ cluster, model, groups: groupsOf(modelAlerts(model, cluster.cluster)) })),
])

export const rulesOf = ({ groups }: RuleFile): Rule[] => groups.flatMap(({ rules }) => rules)

/** Undefined: there is none here. */
export const promtool = (): string | undefined => prometheusFolder && join(prometheusFolder, 'promtool')

export const withoutPromtool = whyNot
