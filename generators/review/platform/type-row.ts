// What is said of each type of resource: see request-types.ts and cluster-types.ts.
import type { RiskLevel } from '../risks/risk.ts'

export interface TypeRow {
  /** As people call it. */
  what: string
  /** While it is away, or once it is gone. */
  lost: [level: RiskLevel, text: string]
  replacedBy: readonly string[]
}

/** @param replacedBy inputs that the AWS provider marks “Forces new resource” */
export const row = (what: string, level: RiskLevel, text: string, ...replacedBy: string[]): TypeRow => ({
  what,
  lost: [level, text],
  replacedBy,
})

export const away = 'the way of a request is broken without it'
export const watched = 'nobody hears of what it watches'
export const logs = 'what is logged no longer gets there'
