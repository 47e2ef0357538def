// Every request of the walk ends as its case says: as predicted, and before a real gateway.
import { assert } from '../../../test/spec.ts'
import { type Case, casesOf } from '../cases.ts'
import type { Declared } from '../declared.ts'
import { expectedGateway } from '../expected-answer.ts'
import { startLive } from '../live.ts'
import { sampleCredentials } from '../sample-token.ts'
import { walk } from '../walk.ts'

/** With the answers that are predicted of the gateway; the cases that were walked. */
export async function expectPredictedEnds(declared: Declared): Promise<Case[]> {
  const cases = casesOf(declared, sampleCredentials(declared)).filter(({ absent }) => absent === undefined)
  for (const one of cases) {
    const { answer, answeredBy } = await walk(declared, one.request, expectedGateway(declared))
    assert.equal({ status: answer.status, by: answeredBy }, one.expected, one.name)
  }
  return cases
}

/** Those that tokens and keys decide, at a real gateway. */
export async function expectRealEnds(declared: Declared): Promise<void> {
  const live = await startLive(declared)
  try {
    const names = /^(?:chat|streamed-chat|(?:no-token|stranger|elliptic|api-key|forged-identity)(?:-stream)?)$/
    const cases = casesOf(declared, live.credentials).filter(({ name }) => names.test(name))
    assert.is(cases.length, 12)
    for (const one of cases) {
      const { answer, answeredBy } = await walk(declared, one.request, live.gateway)
      assert.equal({ status: answer.status, by: answeredBy }, one.expected, `${one.name}: ${answer.body}`)
    }
  } finally {
    await live.stop()
  }
}
