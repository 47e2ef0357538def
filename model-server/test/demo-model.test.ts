// The bundled demo model, by what it says: the platform’s words in questions that it never saw, stories, and what it is.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { assert, describe } from '../../test/spec.ts'
import { bundledModel, root, type Server, startServer } from './server-process.ts'

/** Bytes of all files that are committed. */
const limit = 5_000_000

/** Held out of the corpus (model-server/training/corpus) → what the answer must name. */
const questions: [question: string, names: RegExp][] = [
  ['could you tell me what a lock is?', /pinned revision/],
  ['could you tell me what a canary is?', /small part goes first/],
  ['could you tell me what a lane is?', /edge path/],
  ['in short, what is the gateway?', /one endpoint for clients/],
  ['in short, what is an engine?', /model server program/],
  ['in short, what is a tenant?', /calls models/],
  ['could you tell me what a surge is?', /new pod before the old one/],
  ['in short, what is a cold start?', /wakes from zero/],
  ['could you tell me what a revision is?', /commit of a model/],
  ['in short, what is Karpenter?', /nodes/],
  ['could you tell me what a quota is?', /requests per minute/],
  ['in short, what is a rendered file?', /committed YAML/],
]

describe('the bundled demo model', (test) => {
  let server: Server

  test.before(async () => {
    server = await startServer()
  })
  test.after(() => server.stop())

  const ask = async (content: string, more: object = {}): Promise<string> => {
    const messages = [{ role: 'user', content }]
    const response = await server.post('/v1/chat/completions', {
      model: 'tiny-stories',
      messages,
      temperature: 0,
      max_tokens: 200,
      ...more,
    })
    const { choices } = (await response.json()) as { choices: { message: { content: string } }[] }
    return choices[0]?.message.content ?? ''
  }

  for (const [question, names] of questions)
    test(`answers "${question}"`, async () => assert.match(await ask(question), names))

  test('says what it is when it is asked for anything else', async () => {
    for (const question of ['what is the capital of Mongolia', 'how do I knit a sweater', 'who was Leonardo da Vinci'])
      assert.match(await ask(question), /^I am a small demo model, so I cannot help with that\./)
  })

  test('writes a story to its end, and another one with another seed', async () => {
    const [one, two] = [1, 2].map((seed) => ask('Tell me a story.', { temperature: 1, seed, max_tokens: 300 }))
    for (const story of [await one, await two]) assert.match(story ?? '', /^[A-Z].{150,1500}[.!"]$/s)
    assert.is.not(await one, await two)
  })

  test('greets', async () => assert.match(await ask('hello'), /^Hello! I am a small demo model\./))

  test('stays below 5 MB, card and tokenizer included', () => {
    const files = readdirSync(bundledModel, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    const bytes = files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0)
    assert.ok(bytes <= limit, `${bytes}`)
  })

  test('has a card with its figures, twenty samples, limits and licence', () => {
    const card = readFileSync(join(bundledModel, 'MODEL_CARD.md'), 'utf8')
    const { n_layer, n_embd, vocab_size, n_positions } = JSON.parse(
      readFileSync(join(bundledModel, 'config.json'), 'utf8'),
    ) as Record<string, number>
    for (const figure of [
      `${n_layer} layers`,
      `width ${n_embd}`,
      `context ${n_positions}`,
      `vocabulary ${vocab_size?.toLocaleString('en')}`,
    ])
      assert.match(card, figure)
    assert.is(card.match(/^\d+\. \*\*/gm)?.length, 20)
    for (const part of ['demonstration', 'validation loss', '## Limits', 'Apache-2.0']) assert.match(card, part)
  })

  test('has the parameters that its lock and its description name', () => {
    const lock = JSON.parse(readFileSync(`${root}test/sample/apps/models/tiny-stories.lock.json`, 'utf8')) as {
      parameters: { I8: number }
      weightBytes: number
    }
    assert.is(statSync(join(bundledModel, 'onnx/model_int8.onnx')).size, lock.weightBytes)
    assert.match(readFileSync(join(bundledModel, 'MODEL_CARD.md'), 'utf8'), lock.parameters.I8.toLocaleString('en'))
    const millions = `${(lock.parameters.I8 / 1e6).toFixed(1)} million parameters`
    assert.match(readFileSync(`${root}test/sample/apps/models/tiny-stories.yaml`, 'utf8'), millions)
  })
})
