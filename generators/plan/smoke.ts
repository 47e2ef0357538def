// What a model is asked after its rollout: the model file’s words, and defaults by task.
import { holdSeconds } from '../schema/contract.ts'
import type { ValidModel } from '../validate/repository.ts'
import type { ModelPlan } from './cluster-plan.ts'

/** As the smoke program reads it (gateway/smoke/ask.ts). */
export interface SmokePlan {
  model: string
  task: 'chat' | 'completion' | 'embedding' | 'rerank'
  prompt: string
  expect: { contains?: string; schema?: object }
  /** Its engine has a parser for calls of tools. */
  callsTools?: true
  /** Where less than what JSON is asked with fits the context. */
  maxTokens?: number
  firstTokenSeconds?: number
  wakeSeconds: number
}

const prompts: Record<SmokePlan['task'], string> = {
  chat: 'Say hello in one short sentence.',
  completion: 'Once upon a time',
  embedding: 'A cat sits on the mat.',
  rerank: 'Where does the cat sit?',
}

/** What gateway/smoke/ask.ts asks JSON with: a model that thinks does so before it. */
export const tokensForJson = 2048

const jsonPrompt = 'Answer with a JSON object whose field "ready" is true.'
const jsonAnswer = {
  type: 'object',
  properties: { ready: { type: 'boolean' } },
  required: ['ready'],
  additionalProperties: false,
}

function taskOf({ settings, lock }: ValidModel): SmokePlan['task'] {
  switch (settings.task) {
    case 'text-generation':
      return lock.hasChatTemplate ? 'chat' : 'completion'
    case 'image-text-to-text':
      return 'chat'
    case 'text-classification':
      return 'rerank'
    default:
      return 'embedding'
  }
}

const hasFlag = ({ settings }: ValidModel, flag: RegExp): boolean =>
  (settings.engine.extraArgs ?? []).some((word) => flag.test(word))

/** A parser takes an answer apart; whether it is the right one shows in what it leaves. */
const hasParser = (model: ValidModel): boolean => hasFlag(model, /^--(?:tool-call|reasoning)-parser(?:=|$)/)

/** Without that flag, vLLM refuses a request with tools. */
const callsTools = (model: ValidModel): boolean =>
  hasFlag(model, /^--tool-call-parser(?:=|$)/) && hasFlag(model, /^--enable-auto-tool-choice$/)

export function planSmoke(model: ValidModel, rollout: ModelPlan['rollout'], maxModelLen: number): SmokePlan {
  const { settings, name } = model
  const { smoke, slo } = settings
  const task = taskOf(model)
  const isUsual = smoke.expect === undefined && smoke.prompt === undefined && task === 'chat'
  const asksJson = isUsual && hasParser(model)
  const firstTokenSeconds = smoke.firstTokenSeconds ?? slo.firstTokenSeconds
  const isStream = task === 'chat' || task === 'completion'
  const expect = smoke.expect ?? (asksJson ? { schema: jsonAnswer } : {})
  const half = Math.floor(maxModelLen / 2)
  return {
    model: name,
    task,
    prompt: smoke.prompt ?? (asksJson ? jsonPrompt : prompts[task]),
    expect,
    ...(isUsual && callsTools(model) && { callsTools: true }),
    // vLLM refuses more than is left of the context, and the prompt is in it too.
    ...(expect.schema !== undefined && half < tokensForJson ? { maxTokens: half } : {}),
    ...(firstTokenSeconds === undefined || !isStream ? {} : { firstTokenSeconds }),
    wakeSeconds: Math.min(holdSeconds.stream, 2 * rollout.coldStartSeconds),
  }
}
