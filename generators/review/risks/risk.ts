// A risk flag: what a reviewer must not overlook.

/** What rests on assumed speeds. */
export const minutes = (seconds: number): string => `≈${Math.max(1, Math.round(seconds / 60))} min`

/** caution: breaks something; warning: costs somebody something; note: good to know. */
export type RiskLevel = 'caution' | 'warning' | 'note'

export interface Risk {
  level: RiskLevel
  /** Names the rule in JSON. */
  rule: string
  /** `cluster/model`, `cluster/app` or a file. */
  where: string
  /** One sentence or two: what happens, and what to do about it. */
  text: string
}
