// What a rule about a changed model gets, and what it says.
import type { ModelPlan } from '../../plan/cluster-plan.ts'
import type { ModelRow } from '../model-rows.ts'
import type { RiskLevel } from './risk.ts'

export type Finding = [level: RiskLevel, rule: string, text: string]

export type ModelRule = (both: { row: ModelRow; before: ModelPlan; after: ModelPlan }) => Finding | undefined
