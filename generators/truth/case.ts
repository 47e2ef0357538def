// A start of vLLM of which the log is public: what was started, on what, and what the log said. The form of cases.json.
import Type, { type Static } from 'typebox'
import { Check, Errors } from 'typebox/value'
import { lockSchema } from '../schema/lock.ts'

const optional = <T extends Parameters<typeof Type.Optional>[0]>(schema: T) =>
  Type.Optional(Type.Union([schema, Type.Null()]))

const observed = Type.Object({
  fits: Type.Boolean({ description: 'It started.' }),
  loadingGiB: optional(Type.Number()),
  kvGiB: optional(Type.Number()),
  kvTokens: optional(Type.Number()),
  concurrency: optional(Type.Number()),
  kvNeededGiB: optional(Type.Number()),
})

export const caseSchema = Type.Object({
  id: Type.String(),
  source: optional(Type.String()),
  model: Type.String(),
  lock: Type.Optional(Type.Unknown({ description: 'A lock instead of modelFacts, as `npm run fit` writes it.' })),
  modelFacts: Type.Optional(
    Type.Object({
      config: Type.Record(Type.String(), Type.Unknown()),
      parameters: Type.Record(Type.String(), Type.Number()),
      tensorBytes: Type.Number(),
      weightsFrom: optional(
        Type.String({ description: '"observed": the bytes are those of the log, so they prove nothing.' }),
      ),
    }),
  ),
  gpu: Type.String(),
  gpuKind: optional(Type.String()),
  gpuMemoryMiB: Type.Number({ description: 'As nvidia-smi says.' }),
  gpuTotalGiB: optional(Type.Number({ description: 'As CUDA says.' })),
  tensorParallel: Type.Number(),
  dtype: optional(Type.String()),
  quantization: optional(Type.String()),
  kvCacheDtype: optional(Type.String()),
  gpuMemoryUtilization: Type.Number(),
  maxModelLen: Type.Number(),
  maxNumSeqs: optional(Type.Number()),
  maxNumBatchedTokens: optional(Type.Number()),
  enforceEager: optional(Type.Boolean()),
  vllmVersion: optional(Type.String()),
  observed,
})

export type Case = Static<typeof caseSchema>

export class CaseProblem extends Error {
  override name = 'CaseProblem'
}

/** Throws a CaseProblem that names the case and the field. */
export function readCases(text: string): Case[] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new CaseProblem(`is not valid JSON: ${error instanceof Error ? error.message : ''}`, { cause: error })
  }
  if (!Array.isArray(value)) throw new CaseProblem('is no list of cases')
  return value.map((one: unknown, index) => {
    const [wrong] = Errors(caseSchema, one)
    const { id, lock, modelFacts } = (one ?? {}) as Partial<Case>
    if (wrong === undefined && (lock === undefined ? modelFacts !== undefined : Check(lockSchema, lock)))
      return one as Case
    if (wrong === undefined) throw new CaseProblem(`case ${id}: it has neither modelFacts nor the lock of a model`)
    throw new CaseProblem(
      `case ${typeof id === 'string' ? id : index + 1}: ${wrong.instancePath || 'it'} ${wrong.message}`,
    )
  })
}
