// What keeps a model from being locked, in words for the person who wants it.

export type HubRule =
  | 'unreachable'
  | 'no-model'
  | 'no-revision'
  | 'renamed'
  | 'not-served'
  | 'format'
  | 'gated'
  | 'busy'
  | 'answer'
  | 'pickle-weights'
  | 'remote-code'
  | 'licence'
  | 'config'
  | 'attention'

export class HubProblem extends Error {
  override name = 'HubProblem'
  readonly rule: HubRule
  /** What to do about it. */
  readonly hint: string

  constructor(rule: HubRule, message: string, hint: string, options: ErrorOptions = {}) {
    super(message, options)
    this.rule = rule
    this.hint = hint
  }
}
