// A Python client in a process of its own: a request as one line of JSON in, what came of it as one line out.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { pythonEnvironment } from '../../../test/python-environment.ts'

const fileBeside = (name: string): string => new URL(name, import.meta.url).pathname

/** A Python with the clients, or why there is none. */
export const pythonWithClients = (): ReturnType<typeof pythonEnvironment> =>
  pythonEnvironment(fileBeside('requirements.txt'))

export interface Ask {
  /** What the client is made with. */
  client: Record<string, unknown>
  /** Its method, such as `chat.completions.create`. */
  call: string
  arguments: Record<string, unknown>
  /** Leave a stream after this many chunks. */
  closeAfter?: number
}

export interface PythonError {
  class: string
  /** Names of the class and all that it is derived from. */
  bases: string[]
  message: string
  status: number | null
  code?: string | null
  request_id?: string | null
}

export interface Answer<Result, Chunk> {
  result?: Result
  /** What a stream gave, also when it ended in an error. */
  chunks?: Chunk[]
  error?: PythonError
  seconds: number
}

export class PythonClient {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #lines: AsyncIterator<string>
  #errors = ''

  /** @param script file beside this one */
  constructor(python: string, script: string) {
    this.#child = spawn(python, ['-B', '-u', fileBeside(script)], {
      // Nothing of the user's settings, and no call home.
      env: { PATH: process.env.PATH ?? '', HF_HUB_DISABLE_TELEMETRY: '1', HF_HUB_DISABLE_IMPLICIT_TOKEN: '1' },
    })
    this.#child.stderr.on('data', (part) => {
      this.#errors += part
    })
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]()
  }

  /** One call at a time. @throws when the script itself fails */
  async ask<Result = unknown, Chunk = unknown>(ask: Ask): Promise<Answer<Result, Chunk>> {
    this.#child.stdin.write(`${JSON.stringify(ask)}\n`)
    const { value, done } = await this.#lines.next()
    if (done) throw new Error(`the script ended: ${this.#errors}`)
    return JSON.parse(value) as Answer<Result, Chunk>
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit')
    this.#child.stdin.end()
    await ended
  }
}
