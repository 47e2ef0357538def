// `smoke`: asks one model one question through the gateway once its rollout is over; a program of its own in the gateway's image. Settings by
// environment. It ends with 0, or with the code of what went wrong (outcome.ts), and its last line is the reason.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { ClusterClient } from '../discovery/cluster-client.ts'
import { originHeader } from '../security-headers.ts'
import { smokeKey } from '../smoke-key.ts'
import { ask, askForCall, type Place, type Question } from './ask.ts'
import { failures, SmokeFailure } from './outcome.ts'
import { readDeployment, rolloutState } from './rollout.ts'

const { env } = process
const pauseMs = Number(env.SMOKE_PAUSE_MS ?? 5000)
const deadline = performance.now() + Number(env.SMOKE_SECONDS ?? 1800) * 1000
const question = JSON.parse(env.SMOKE ?? '{}') as Question

const log = (message: string, fields: object = {}): void => {
  process.stdout.write(
    `${JSON.stringify({ time: new Date().toISOString(), event: 'smoke', model: question.model, message, ...fields })}\n`,
  )
}

/** Read for each try, since the value changes while the pod waits. */
async function place(): Promise<Place> {
  const folder = env.ORIGIN_SECRET_FOLDER ?? ''
  const [name] = (await readdir(folder)).filter((one) => !one.startsWith('.')).sort()
  const secret = (await readFile(join(folder, name ?? ''), 'utf8')).trim()
  const headers = { authorization: `Bearer ${smokeKey(secret)}`, [originHeader]: secret }
  return { url: env.GATEWAY_URL ?? 'http://gateway.gateway.svc:8080', headers }
}

/** Until the pods are those of this commit; false: the model sleeps and was not rolled. */
async function rolled(): Promise<boolean> {
  const client = ClusterClient.inCluster(env)
  // Outside of a cluster there is nothing to wait for.
  if (client === undefined) return true
  try {
    for (;;) {
      const state = rolloutState(
        await readDeployment(client, env.POD_NAMESPACE ?? 'models', question.model),
        Date.now(),
      )
      if (state === 'ready' || state === 'asleep') return state === 'ready'
      if (state === 'failed' || performance.now() > deadline)
        throw new SmokeFailure('silent', 'the rollout is not over')
      await pause(pauseMs)
    }
  } finally {
    await client.close()
  }
}

/** A pod that is new is found by the gateway a moment later; what the model itself says wrongly is said at once. */
const passing = new Set(['silent', 'unknown', 'failed', 'misnamed'])
const tries = 5

async function untilAnswered<Value>(asking: (place: Place) => Promise<Value>): Promise<Value> {
  for (let attempt = 1; ; attempt += 1)
    try {
      return await asking(await place())
    } catch (error) {
      if (!(error instanceof SmokeFailure) || !passing.has(error.failure)) throw error
      if (attempt === tries || performance.now() > deadline) throw error
      log('asks again', { attempt, reason: error.message })
      await pause(pauseMs)
    }
}

try {
  if (await rolled()) {
    // The first question may wait for a model to wake and for its first batch to be compiled: how long it took says nothing.
    const first = await untilAnswered((at) => ask(at, { ...question, firstTokenSeconds: undefined }))
    const isCalled = question.callsTools && (await untilAnswered((at) => askForCall(at, question)))
    if (isCalled === false) log('calls no tool when asked to: its tool parser is not tried')
    log('answers', question.firstTokenSeconds === undefined ? first : await untilAnswered((at) => ask(at, question)))
  } else log('sleeps and was not rolled: it is not asked')
} catch (error) {
  if (!(error instanceof SmokeFailure)) throw error
  const { code, sentence } = failures[error.failure]
  log(`${question.model}: ${sentence}`, { detail: error.message, code })
  process.exitCode = code
}
