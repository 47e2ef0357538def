// The part of a model file that says what a model is asked after each rollout. All of it has defaults by task.
import Type, { type Static } from 'typebox'
import { latency, strict } from './fields.ts'

export const smokeSchema = Type.Optional(
  strict(
    {
      prompt: Type.Optional(
        Type.String({ minLength: 1, maxLength: 2000, description: 'What is asked. Default: a sentence by task.' }),
      ),
      expect: Type.Optional(
        strict(
          {
            contains: Type.Optional(
              Type.String({
                minLength: 1,
                maxLength: 200,
                description: 'Words that the answer holds, in any case of letters.',
                examples: ['Paris'],
              }),
            ),
            schema: Type.Optional(
              Type.Record(Type.String(), Type.Unknown(), {
                description:
                  'JSON Schema of the answer, which the engine is asked to keep. Default where a parser is set.',
              }),
            ),
          },
          { description: 'What the answer must be like, beside not empty and counted in tokens.' },
        ),
      ),
      firstToken: Type.Optional(
        latency('How long its first token may take through the gateway; default slo.firstToken.', '2500ms'),
      ),
    },
    {
      description:
        'The question that a model is asked through the gateway after each rollout; without an answer its Application is Degraded. With neither prompt nor expect, a model whose engine has a parser for calls of tools is asked for one, too.',
    },
  ),
)

export interface Smoke extends Pick<Static<typeof smokeSchema>, 'prompt' | 'expect'> {
  firstTokenSeconds?: number
}
