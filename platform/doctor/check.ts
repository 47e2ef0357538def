// The form of one check: a question to AWS that changes nothing, and what its answer means for the cluster.

export interface Verdict {
  good: boolean
  /** What was found. */
  says: string
  /** What to do; there when it is not good. */
  todo?: string
}

export interface Check {
  name: string
  /** What it finds out. */
  asks: string
  /** Arguments of the AWS CLI, which answers as JSON. */
  aws: readonly string[]
  judge(answer: unknown): Verdict
  /** Errors of AWS that are an answer. Any other leaves the check open. */
  refusals?: readonly { error: RegExp; verdict: Verdict }[]
}

export const good = (says: string): Verdict => ({ good: true, says })
export const bad = (says: string, todo: string): Verdict => ({ good: false, says, todo })
