// Starts the real program on a free port, reads its log, and stops it; what all tests of the process share.
import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'

export const root = new URL('../../', import.meta.url).pathname
export const bundledModel = `${root}model-server/models/tiny-stories`

export interface Exit {
  code: number | null
  output: string
  errors: string
}

export interface LogLine {
  event: string
  port?: number
  [fact: string]: unknown
}

export class ServerProcess {
  readonly child: ChildProcess
  readonly ended: Promise<Exit>
  #output = ''
  #errors = ''

  /** @param how another program than the checkout's, another user */
  constructor(
    args: readonly string[],
    env: Record<string, string> = {},
    how: { program?: string[]; uid?: number } = {},
  ) {
    const { program = [`${root}model-server/server.ts`], uid } = how
    this.child = spawn(process.execPath, [...program, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
      ...(uid !== undefined && { uid }),
    })
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#output += text
    })
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text
    })
    this.ended = new Promise((resolve) => {
      this.child.on('close', (code) => resolve({ code, output: this.#output, errors: this.#errors }))
    })
  }

  get log(): LogLine[] {
    return this.#output
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as LogLine)
  }

  get errors(): string {
    return this.#errors
  }

  /** The line of an event, as soon as it is there. */
  async line(event: string): Promise<LogLine> {
    let over: Exit | undefined
    void this.ended.then((exit) => {
      over = exit
    })
    for (;;) {
      const found = this.log.find((line) => line.event === event)
      if (found) return found
      if (over) throw new Error(`the server ended with ${over.code}: ${over.errors}`)
      await pause(5)
    }
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Exit> {
    this.child.kill(signal)
    return this.ended
  }

  /** Proportional set size, the share of memory that is this process's own. MB. */
  get memory(): number {
    const text = readFileSync(`/proc/${this.child.pid}/smaps_rollup`, 'utf8')
    return Number(/^Pss:\s+(\d+)/m.exec(text)?.[1]) / 1024
  }
}

export const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds))

export interface Server {
  url: string
  port: number
  process: ServerProcess
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>
  /** Value of a sample, by the beginning of its line. */
  metric(start: string): Promise<number>
  stop(): Promise<Exit>
}

export async function startServer(
  args: readonly string[] = [],
  { model = ['--model-dir', bundledModel], env = {} }: { model?: readonly string[]; env?: Record<string, string> } = {},
): Promise<Server> {
  const server = new ServerProcess(
    [...model, '--served-model-name', 'tiny-stories', '--host', '127.0.0.1', '--port', '0', ...args],
    env,
  )
  const { port = 0 } = await server.line('listening')
  const url = `http://127.0.0.1:${port}`
  return {
    url,
    port,
    process: server,
    post: (path, body, headers = {}) =>
      fetch(url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' || body instanceof Uint8Array ? (body as string) : JSON.stringify(body),
      }),
    async metric(start) {
      const text = await (await fetch(`${url}/metrics`)).text()
      const line = text.split('\n').find((one) => one.startsWith(start))
      return Number(line?.split(' ').at(-1))
    },
    stop: () => server.stop(),
  }
}

/** Data of a stream's events, parsed, without the end mark. */
/** Of an API that names its events, and needs no `[DONE]`. */
export const namedEventsOf = (text: string): Record<string, unknown>[] =>
  [...text.matchAll(/^event: (\S+)\ndata: (.*)\n$/gm)].map(([, name = '', data = '']) => {
    const event = JSON.parse(data) as Record<string, unknown>
    if (event.type !== name) throw new Error(`event ${name} has data of type ${event.type}`)
    return event
  })

export function eventsOf(text: string): Record<string, unknown>[] {
  const data = text
    .split('\n\n')
    .filter((block) => block !== '')
    .map((block) => block.replace(/^data: /, ''))
  if (data.at(-1) !== '[DONE]') throw new Error(`a stream that does not end with [DONE]: ${text.slice(-200)}`)
  return data.slice(0, -1).map((line) => JSON.parse(line) as Record<string, unknown>)
}
