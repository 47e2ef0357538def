// Speech: forms with a file pass to the engine as they are but for the model’s name; what is no form, too large or not allowed never
// gets there.
import OpenAI, { toFile } from 'openai'
import { assert, describe } from '../../test/spec.ts'
import { FakeEngine, type Fault } from './fake-engine.ts'
import { model, startGateway, type TestGateway, tenant, until } from './harness.ts'

const speech = { task: 'automatic-speech-recognition' }
const text = 'Hello from the machine.'
const whole: Fault = ({ res }) => {
  res.writeHead(200, { 'content-type': 'application/json' })
  res.end(JSON.stringify({ text, usage: { type: 'duration', seconds: 3 } }))
}
const piece = (content: string, finish: string | null = null) =>
  `data: ${JSON.stringify({ id: 'trsc-1', object: 'transcription.chunk', created: 1, model: 'w', choices: [{ delta: { content }, finish_reason: finish }] })}\n\n`
const counts = `data: ${JSON.stringify({ id: 'trsc-1', object: 'transcription.chunk', created: 1, model: 'w', choices: [], usage: { prompt_tokens: 150, total_tokens: 157, completion_tokens: 7 } })}\n\n`
const stream: Fault = ({ res }) => {
  res.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
  res.end(`${piece('Hello')}${piece(' there.', 'stop')}${counts}data: [DONE]\n\n`)
}

const boundary = 'x-boundary-7'
const part = (name: string, value: string, file = '') =>
  `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${file && `; filename="${file}"\r\nContent-Type: audio/wav`}\r\n\r\n${value}\r\n`
const form = (...parts: string[]) => `${parts.join('')}--${boundary}--\r\n`
const sound = part('file', 'RIFF\u0000\u00ff--not-a-boundary\r\n', 'a.wav')
const headers = { 'content-type': `multipart/form-data; boundary=${boundary}` }

describe('speech', (test) => {
  let gateway: TestGateway
  const engine = new FakeEngine()
  test.before(async () => {
    await engine.listen()
    gateway = await startGateway(
      [
        model('w', [engine.endpoint], { ...speech, aliases: ['openai/whisper-tiny'] }),
        model('ok', [engine.endpoint]),
        model('cpu-ears', [engine.endpoint], { ...speech, engine: 'cpu' }),
        model('tei-ears', [engine.endpoint], { ...speech, api: 'tei', engine: 'tei' }),
      ],
      {
        config: { AUDIO_BODY_LIMIT: 100_000, BODY_LIMIT: 1000 },
        tenants: [tenant('research'), tenant('guest', { models: ['ok'] })],
      },
    )
  })
  test.after(async () => {
    await gateway.stop()
    await engine.stop()
  })

  const post = async (body: string, more: Record<string, string> = {}, path = 'transcriptions') => {
    gateway.clearLog()
    const bytes = Buffer.from(body, 'latin1')
    const response = await gateway.post(`/stream/v1/audio/${path}`, bytes, { ...headers, ...more })
    const said = await response.text()
    await until(() => gateway.log().includes('"event"'), 'the log has its line')
    return { status: response.status, said, line: JSON.parse(gateway.log().trim().split('\n').at(-1) ?? '') }
  }

  test('comes back as text or subtitles where those were asked for, and never as a page', async () => {
    for (const [type, status] of [
      ['text/plain; charset=utf-8', 200],
      ['text/vtt', 200],
      ['text/html', 502],
    ] as const) {
      engine.fault = ({ res }) => void res.writeHead(200, { 'content-type': type }).end(text)
      const answer = await post(form(part('model', 'w'), part('response_format', 'text'), sound))
      assert.is(answer.status, status, type)
      if (status === 200) assert.is(answer.said, text)
    }
  })

  for (const path of ['transcriptions', 'translations'])
    test(`passes a form to /v1/audio/${path} byte for byte, and counts its seconds`, async () => {
      engine.fault = whole
      const body = form(
        part('temperature', '0'),
        sound,
        part('model', 'w'),
        part('timestamp_granularities[]', 'word'),
        part('timestamp_granularities[]', 'segment'),
      )
      const { status, said, line } = await post(body, {}, path)
      assert.equal([status, JSON.parse(said).text], [200, text])
      const seen = engine.seen.at(-1)
      assert.equal([seen?.path, seen?.headers['content-type']], [`/v1/audio/${path}`, headers['content-type']])
      assert.is(seen?.body, Buffer.from(body, 'latin1').toString('utf8'))
      assert.equal([line.route, line.model, line.inputTokens, line.outputTokens], [`/v1/audio/${path}`, 'w', 150, 0])
    })

  test('writes the served name in place of an alias, wherever the field is', async () => {
    engine.fault = whole
    for (const parts of [
      [part('model', 'openai/whisper-tiny'), sound],
      [sound, part('model', 'openai/whisper-tiny')],
    ]) {
      assert.is((await post(form(...parts))).status, 200)
      assert.is(
        engine.seen.at(-1)?.body,
        Buffer.from(form(...parts).replace('openai/whisper-tiny', 'w'), 'latin1').toString(),
      )
    }
  })

  test('streams, hides counts that nobody asked for, and counts by them', async () => {
    engine.fault = stream
    const asked = [sound, part('model', 'w'), part('stream', 'true')]
    const { said, line } = await post(form(...asked))
    assert.is(said, `${piece('Hello')}${piece(' there.', 'stop')}data: [DONE]\n\n`)
    assert.equal([line.stream, line.inputTokens, line.outputTokens], [true, 150, 7])
    const counted = await post(form(...asked, part('stream_include_usage', 'true')))
    assert.match(counted.said, '"completion_tokens":7')
    engine.fault = ({ res, socket }) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' })
      res.write(piece('Hel'))
      setTimeout(() => socket.destroy(), 20)
    }
    const broken = await post(form(...asked))
    assert.match(broken.said, 'upstream_disconnected')
    assert.not.match(broken.said, 'DONE')
  })

  test('answers OpenAI’s client', async () => {
    engine.fault = whole
    const client = new OpenAI({ baseURL: `${gateway.url}/stream/v1`, apiKey: gateway.token, maxRetries: 0 })
    const file = await toFile(Buffer.alloc(5000, 7), 'speech.mp3')
    const answer = await client.audio.transcriptions.create({ file, model: 'openai/whisper-tiny' })
    assert.is(answer.text, text)
    assert.is((await client.audio.translations.create({ file, model: 'w' })).text, text)
    engine.fault = stream
    let pieces = 0
    for await (const _ of await client.audio.transcriptions.create({ file, model: 'w', stream: true })) pieces += 1
    assert.is(pieces, 2)
  })

  const long = part('file', 'x'.repeat(120_000), 'a.wav')
  const cases: [what: string, status: number, body: string, says: RegExp, more?: Record<string, string>][] = [
    ['no form', 415, '{}', /multipart\/form-data/, { 'content-type': 'application/json' }],
    ['no boundary', 400, form(sound, part('model', 'w')), /boundary/, { 'content-type': 'multipart/form-data' }],
    ['another boundary', 400, form(sound).replaceAll('-7', '-8'), /does not begin with its boundary/],
    ['no end', 400, sound, /no head|no end/],
    ['no model', 400, form(sound), /model is missing/],
    ['two models', 400, form(part('model', 'w'), sound, part('model', 'ok')), /model is given twice/],
    ['a file as model', 400, form(sound, part('model', 'w', 'm.txt')), /model must be a text/],
    ['no file', 400, form(part('model', 'w'), part('file', 'x')), /file is missing/],
    ['two names in one part', 400, form(sound, part('model"; name="x', 'w')), /not one name/],
    ['too many parts', 400, form(...Array.from({ length: 65 }, (_, at) => part(`p${at}`, '')), sound), /more than 64/],
    ['a privileged field', 400, form(sound, part('model', 'w'), part('vllm_xargs', '{}')), /vllm_xargs is not allowed/],
    ['too many beams', 400, form(sound, part('model', 'w'), part('n', '99')), /n must be from 1 to 8/],
    ['an unknown model', 404, form(sound, part('model', 'nobody')), /does not exist/],
    ['a model of another task', 422, form(sound, part('model', 'ok')), /does text-generation/],
    [
      'an engine without the call',
      422,
      form(sound, part('model', 'tei-ears')),
      /tei, has no \/v1\/audio\/transcriptions/,
    ],
    ['an engine for CPUs', 422, form(sound, part('model', 'cpu-ears')), /cpu, has no \/v1\/audio\/transcriptions/],
    ['too much', 413, form(long, part('model', 'w')), /larger than 100000/],
  ]
  for (const [what, status, body, says, more] of cases)
    test(`refuses ${what} with ${status}, and no engine sees it`, async () => {
      const before = engine.seen.length
      const { status: got, said, line } = await post(body, more)
      assert.is(got, status, said)
      assert.match((JSON.parse(said) as { error: { message: string } }).error.message, says)
      assert.equal([line.event, line.route], ['refused', '/v1/audio/transcriptions'])
      assert.is(engine.seen.length, before)
    })

  test('is the one thing that its models do, and a form is read nowhere else', async () => {
    const chat = await gateway.post('/stream/v1/chat/completions', { model: 'w', messages: [] })
    assert.is(chat.status, 422)
    const misled = await gateway.post('/stream/v1/chat/completions', form(sound, part('model', 'ok')), headers)
    assert.is(misled.status, 415)
    const guest = { authorization: `Bearer ${await gateway.identity.token({ client_id: 'guest' })}` }
    assert.is((await post(form(sound, part('model', 'w')), guest)).status, 404)
  })
})
