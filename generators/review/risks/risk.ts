// A risk flag: what a reviewer must not overlook.

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
