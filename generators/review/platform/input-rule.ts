// What a rule about a changed input of a resource gets, and what most of them ask.
import type { LeafChange } from '../leaves.ts'
import type { RiskLevel } from '../risks/risk.ts'

export type ResourceFinding = [level: RiskLevel, rule: string, text: string]

export interface InputRule {
  types?: RegExp
  path: RegExp
  judge: (field: LeafChange) => ResourceFinding | undefined
}

export const number = (text: string | undefined): number => Number(text ?? Number.NaN)

export const says =
  (level: RiskLevel, rule: string, text: (field: LeafChange) => string) =>
  (field: LeafChange): ResourceFinding => [level, rule, text(field)]

export const becomes =
  (value: string, level: RiskLevel, rule: string, text: string) =>
  (field: LeafChange): ResourceFinding | undefined =>
    (field.after ?? 'nothing') === value ? [level, rule, text] : undefined

export const lower =
  (level: RiskLevel, rule: string, text: string) =>
  (field: LeafChange): ResourceFinding | undefined =>
    number(field.after) < number(field.before) ? [level, rule, `${text} (${field.before} → ${field.after})`] : undefined
