// A risk flag: what a reviewer must not overlook.

/** What rests on assumed speeds. */
export const minutes = (seconds: number): string => `≈${Math.max(1, Math.round(seconds / 60))} min`

/**
 * caution: something stops, is lost, or is opened to more people; warning: somebody is refused, waits or pays; note: good to
 * know.
 */
export type RiskLevel = 'caution' | 'warning' | 'note'

/** Gravest first. */
export const riskLevels: readonly RiskLevel[] = ['caution', 'warning', 'note']

export const graver = (one: RiskLevel, other: RiskLevel): RiskLevel =>
  riskLevels.indexOf(one) <= riskLevels.indexOf(other) ? one : other

export interface Risk {
  level: RiskLevel
  /** Names the rule in JSON. */
  rule: string
  /** `cluster/model`, `cluster/app`, or a file with its line. */
  where: string
  /** One sentence or two: what happens, and what to do about it. */
  text: string
}
