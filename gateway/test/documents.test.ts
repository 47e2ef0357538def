// The OpenAPI document against the gateway itself: what it says of answers is what comes, and its code runs as it is.
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Compile } from 'typebox/schema'
import { assert, describe } from '../../test/spec.ts'
import { bodyRoutes, pathRoutes, routeTemplate } from '../request/route-table.ts'
import { FakeEngine } from './fake-engine.ts'
import { send, tei, vllm } from './fake-servers.ts'
import { model, startGateway, type TestGateway, tenant } from './harness.ts'

interface Operation {
  operationId: string
  requestBody?: { content: Record<string, { schema: object; example?: Record<string, unknown> }> }
  responses: Record<string, { content?: Record<string, { schema: { $ref?: string } }> }>
  'x-codeSamples'?: { lang: string; source: string }[]
}

interface Document {
  paths: Record<string, { get?: Operation; post?: Operation }>
  components: { schemas: Record<string, object> }
}

/** What a real vLLM answered. */
const recorded: Record<string, string> = {
  '/v1/chat/completions': 'chat.200.json',
  '/v1/completions': 'completion.200.json',
  '/v1/responses': 'responses.200.json',
  '/v1/messages': 'messages.200.json',
  '/v1/messages/count_tokens': 'count-tokens.200.json',
  '/tokenize': 'tokenize.200.json',
}

/** Programs that run a sample, by its language. */
const programs: Record<string, (source: string) => [program: string, args: string[]]> = {
  Shell: (source) => ['sh', ['-c', source.replace('curl ', 'curl -sS ')]],
  Python: (source) => ['python3', ['-c', source]],
  TypeScript: (source) => [process.execPath, ['--input-type=module-typescript', '-e', source]],
}

describe('the OpenAPI document', (test) => {
  let writer: FakeEngine
  let encoder: FakeEngine
  let listener: FakeEngine
  let gateway: TestGateway
  let document: Document
  const folder = mkdtempSync(join(tmpdir(), 'slipway-samples-'))

  test.before(async () => {
    writer = await FakeEngine.start((call) => {
      if (call.seen.path === '/detokenize') return send({ prompt: 'Once' })(call)
      const file = recorded[call.seen.path]
      return file
        ? send(JSON.parse(readFileSync(new URL(`recorded/${file}`, import.meta.url), 'utf8')))(call)
        : vllm(call)
    })
    encoder = await FakeEngine.start(tei)
    listener = await FakeEngine.start(send({ text: 'Hello.' }))
    const spec = { ...model('x', []).spec, maxOutput: 0 }
    // Its scope is one that every token of the tests has, so that the route for operators answers, too.
    const tenants = [tenant('research', { operatorScope: 'slipway/invoke' })]
    gateway = await startGateway(
      [
        model('writer', [writer.endpoint]),
        model('encoder', [encoder.endpoint], { task: 'feature-extraction', api: 'tei', engine: 'tei', spec }),
        model('listener', [listener.endpoint], { task: 'automatic-speech-recognition' }),
      ],
      { tenants },
    )
    document = (await (await fetch(`${gateway.url}/openapi.json`)).json()) as Document
    writeFileSync(join(folder, 'speech.wav'), 'RIFF')
  })
  test.after(async () => {
    await gateway.stop()
    for (const engine of [writer, encoder, listener]) await engine.stop()
    rmSync(folder, { recursive: true })
  })

  const resolved = (schema: object): object =>
    JSON.parse(JSON.stringify(schema), (_key, value: { $ref?: string } | null) =>
      value?.$ref === undefined
        ? value
        : resolved(document.components.schemas[value.$ref.split('/').at(-1) ?? ''] ?? {}),
    ) as object

  /** The model that can do what a route does. */
  const modelOf = (template: string): string => {
    const route = [...bodyRoutes, ...pathRoutes].find((one) => routeTemplate(one) === template)
    if (route?.form) return 'listener'
    return route?.modelClass === 'embed' ? 'encoder' : 'writer'
  }

  test('has schemas of what is sent and answered, and code in three languages, for every route', () => {
    for (const [path, { get, post }] of Object.entries(document.paths))
      for (const operation of [get, post]) {
        if (!operation || path === '/canary') continue
        const answers = Object.values(operation.responses['200']?.content ?? {})
        assert.ok(answers.length > 0 && answers.every(({ schema }) => Object.keys(schema).length > 0), path)
        assert.equal(
          operation['x-codeSamples']?.map(({ lang }) => lang),
          ['Shell', 'Python', 'TypeScript'],
          path,
        )
        if (operation === post)
          assert.ok(Object.keys(Object.values(post.requestBody?.content ?? {})[0]?.schema ?? {}).length, path)
      }
  })

  test('says of every answer what it is', async () => {
    for (const [path, { get, post }] of Object.entries(document.paths)) {
      const operation = get ?? post
      const schema = operation?.responses['200']?.content?.['application/json']?.schema
      const { example } = post?.requestBody?.content['application/json'] ?? {}
      if (!schema || (post && !example)) continue
      const url = `/stream${path === '/' ? '' : path.replace('{model}', modelOf(path))}`
      const body = example && 'model' in example ? { ...example, model: modelOf(path) } : example
      const response = get ? await gateway.get(url) : await gateway.post(url, body)
      const text = await response.text()
      assert.is(response.status, 200, `${path}: ${text}`)
      const [holds, errors] = Compile(resolved(schema)).Errors(JSON.parse(text))
      assert.ok(holds, `${path}: ${text} ${JSON.stringify(errors)}`)
    }
  })

  for (const lang of Object.keys(programs))
    test(`has code in ${lang} that runs: reading, sending JSON, sending a form`, async () => {
      const cases: [path: string, said: RegExp][] = [
        ['/v1/models', /"id":"writer"/],
        ['/v1/chat/completions', /Tokyo/],
        ['/v1/messages', /One quiet day/],
        ['/models/{model}/embed', /\[\[5,1,2\]\]/],
        ['/v1/audio/transcriptions', /Hello\./],
      ]
      for (const [path, said] of cases) {
        const { get, post } = document.paths[path] ?? {}
        const { source = '' } = (get ?? post)?.['x-codeSamples']?.find((one) => one.lang === lang) ?? {}
        const [program, args] = programs[lang]?.(source.replaceAll('NAME', modelOf(path))) ?? ['', []]
        const env = { ...process.env, SLIPWAY_TOKEN: gateway.token }
        const { stdout } = await promisify(execFile)(program, args, { cwd: folder, env })
        assert.match(stdout, said, path)
      }
      assert.match(listener.seen.at(-1)?.body ?? '', /name="model"\r\n\r\nlistener\r\n/)
    })
})
