// How a smoke test can end. The exit code is all that Kubernetes keeps of it in the Job’s status, so each has one; Argo CD turns it
// into the sentence again.

export const failures = {
  unknown: { code: 10, sentence: 'the gateway does not know the model' },
  refused: { code: 11, sentence: 'the engine refuses the request: chat template or parameters are wrong' },
  failed: { code: 12, sentence: 'the model answers with an error' },
  empty: { code: 13, sentence: 'the answer is empty' },
  unexpected: { code: 14, sentence: 'the answer does not contain what smoke.expect says' },
  schema: { code: 15, sentence: 'the answer is not JSON of the schema that was asked for: the parser is wrong' },
  uncounted: { code: 16, sentence: 'the engine does not count prompt and answer' },
  late: { code: 17, sentence: 'the answer began later than its limit in smoke or slo' },
  silent: { code: 18, sentence: 'nobody answers' },
  shape: { code: 19, sentence: 'the answer does not have the form of its API' },
  misnamed: { code: 20, sentence: 'the engine serves the model under another name' },
  uncalled: { code: 21, sentence: 'the call of a tool is left in the answer’s text: the tool parser is wrong' },
} as const

export type FailureName = keyof typeof failures

export class SmokeFailure extends Error {
  readonly failure: FailureName

  /** @param detail what was seen */
  constructor(failure: FailureName, detail: string) {
    super(detail)
    this.failure = failure
  }
}
