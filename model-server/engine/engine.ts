// The engine as the HTTP server knows it: a thread that takes jobs, a limit of places, and metrics of what happens.
import { SHARE_ENV, Worker } from 'node:worker_threads'
import { engineDead, queueFull, shuttingDown } from '../api-error.ts'
import { UserMistake } from '../user-mistake.ts'
import { Call } from './call.ts'
import { CallMeter, type Meter } from './call-meter.ts'
import type { EngineOptions, FromEngine, Job, JobEvent, ModelInfo, ToEngine } from './messages.ts'

interface Open {
  call: Call
  meter: CallMeter
  places: number
  /** Answers that are not finished. */
  left: number
}

export class Engine {
  readonly info: ModelInfo
  readonly #worker: Worker
  readonly #mostPlaces: number
  readonly #meter: Meter
  readonly #open = new Map<number, Open>()
  #lastId = 0
  #places = 0
  #isAlive = true
  #isDraining = false
  #idle: (() => void) | undefined

  private constructor(worker: Worker, info: ModelInfo, mostPlaces: number, meter: Meter) {
    this.#worker = worker
    this.info = info
    this.#mostPlaces = mostPlaces
    this.#meter = meter
    worker.on('message', (message: FromEngine) => {
      if ('event' in message) this.#onEvent(message.id, message.event)
    })
  }

  /**
   * Starts the thread and loads the model.
   * @param mostPlaces answers that may run or wait
   * @param onDeath the thread ended by itself; every open call had its error
   * @throws UserMistake for files or settings that cannot be used
   */
  static async start(
    options: EngineOptions,
    mostPlaces: number,
    makeMeter: (info: ModelInfo) => Meter,
    onDeath: (error: unknown) => void,
  ): Promise<Engine> {
    // A thread's own copy of the environment would not reach native code: onnxruntime reads there that it must not report usage.
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: options, env: SHARE_ENV })
    const info = await firstMessage(worker)
    const engine = new Engine(worker, info, mostPlaces, makeMeter(info))
    let cause: unknown
    worker.on('error', (error) => {
      cause = error
    })
    worker.on('exit', () => {
      if (!engine.#isAlive) return
      engine.#isAlive = false
      engine.abortAll(engineDead())
      onDeath(cause)
    })
    return engine
  }

  get isAlive(): boolean {
    return this.#isAlive
  }

  get openCalls(): number {
    return this.#open.size
  }

  /**
   * @param places answers that the job makes; 0 for one that uses no model
   * @throws ApiError 503 when there is no place, 500 when the engine is dead
   */
  start(job: Job, places: number): { call: Call; abort: () => void } {
    if (!this.#isAlive) throw engineDead()
    if (this.#isDraining) throw shuttingDown()
    if (this.#places + places > this.#mostPlaces) {
      this.#meter.rejected()
      throw queueFull()
    }
    this.#places += places
    this.#lastId += 1
    const id = this.#lastId
    const call = new Call()
    this.#open.set(id, { call, meter: new CallMeter(this.#meter, places), places, left: Math.max(1, places) })
    this.#send({ id, job })
    return { call, abort: () => this.#abort(id) }
  }

  /** Takes no more jobs; resolves when the open ones have ended. */
  async drain(): Promise<void> {
    this.#isDraining = true
    if (this.#open.size === 0) return
    await new Promise<void>((resolve) => {
      this.#idle = resolve
    })
  }

  /** Ends every open call with an error. */
  abortAll(error: Error & { data: Parameters<Call['refuse']>[0] }): void {
    for (const [id, { call }] of this.#open) {
      call.refuse(error.data)
      this.#abort(id)
    }
  }

  /** Waits for the step under way. */
  async stop(): Promise<void> {
    this.#isAlive = false
    const ended = new Promise((resolve) => this.#worker.once('exit', resolve))
    this.#send({ stop: true })
    await ended
  }

  #send(message: ToEngine): void {
    this.#worker.postMessage(message)
  }

  #abort(id: number): void {
    if (!this.#close(id)) return
    if (this.#isAlive) this.#send({ id, abort: true })
  }

  #close(id: number): boolean {
    const open = this.#open.get(id)
    if (!open) return false
    this.#open.delete(id)
    this.#places -= open.places
    open.meter.close()
    open.call.end()
    if (this.#open.size === 0) this.#idle?.()
    return true
  }

  #onEvent(id: number, event: JobEvent): void {
    const open = this.#open.get(id)
    if (!open) return
    open.meter.see(event)
    if (event.event === 'refused') {
      open.call.refuse(event.error)
      this.#close(id)
      return
    }
    open.call.push(event)
    if (isLast(event)) open.left -= 1
    if (open.left === 0 || event.event === 'encoded') this.#close(id)
  }
}

const isLast = (event: JobEvent): boolean =>
  event.event === 'tokenized' ||
  event.event === 'detokenized' ||
  (event.event === 'token' && event.token.finishReason !== null)

/** @throws UserMistake or Error when the model cannot be loaded */
function firstMessage(worker: Worker): Promise<ModelInfo> {
  return new Promise((resolve, reject) => {
    worker.once('error', reject)
    worker.once('exit', (code) => reject(new Error(`the engine's thread ended with code ${code}`)))
    worker.once('message', (message: FromEngine) => {
      worker.removeAllListeners('error').removeAllListeners('exit')
      if ('ready' in message) resolve(message.ready)
      else if ('failed' in message)
        reject(message.mistake ? new UserMistake(message.failed) : new Error(message.failed))
    })
  })
}
