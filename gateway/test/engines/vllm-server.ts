// The real vLLM that the tests ask: one that runs (VLLM_URL), or one that they start (SLIPWAY_VLLM, VLLM_COMMAND) and end.
import { spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { until } from '../harness.ts'
import { freePort } from '../process.ts'

export interface VllmServer {
  url: string
  /** Served name. */
  model: string
  stop(): void
}

/** Small, so that a queue can be filled; and usage in every stream, whether asked for or not. */
const flags = ['--max-num-seqs', '2', '--max-num-queued-reqs', '2', '--enable-force-include-usage']

const startSeconds = 240

/** How it is started beside these tests’ own flags. */
export interface Extra {
  flags: readonly string[]
  env: Readonly<Record<string, string>>
}

/** Undefined: no vLLM is named in the environment. One that runs gets no further flags. */
export async function vllmServer(
  env: NodeJS.ProcessEnv,
  extra: Extra = { flags: [], env: {} },
): Promise<VllmServer | undefined> {
  const { VLLM_URL, SLIPWAY_VLLM, VLLM_COMMAND } = env
  if (VLLM_URL) return named({ url: VLLM_URL, stop: () => {} })
  if (SLIPWAY_VLLM) return named(await startFolder(SLIPWAY_VLLM, extra))
  return VLLM_COMMAND ? named(await startCommand(VLLM_COMMAND, extra)) : undefined
}

async function named({ url, stop }: Omit<VllmServer, 'model'>): Promise<VllmServer> {
  const { data } = (await (await fetch(`${url}/v1/models`)).json()) as { data: { id: string }[] }
  return { url, model: data[0]?.id ?? '', stop }
}

/** A folder with a program `serve`, which prints address and process when vLLM answers. */
async function startFolder(folder: string, extra: Extra): Promise<Omit<VllmServer, 'model'>> {
  const child = spawn(`${folder}/serve`, ['--log', '/dev/null', ...flags, ...extra.flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...extra.env },
  })
  // What `serve` leaves running holds its output open, so that the end of the output says nothing.
  const line = await firstLine(child.stdout, startSeconds)
  child.stdout.destroy()
  child.unref()
  const [url = '', pid] = line.split(' ')
  // The whole group: engine and worker are processes of their own.
  return { url, stop: () => void process.kill(-Number(pid), 'SIGKILL') }
}

function firstLine(stream: Readable, seconds: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    const late = setTimeout(() => reject(new Error(`no address in ${seconds} s`)), seconds * 1000)
    stream.setEncoding('utf8').on('data', (part: string) => {
      text += part
      if (!text.includes('\n')) return
      clearTimeout(late)
      resolve(text.slice(0, text.indexOf('\n')))
    })
    stream.on('close', () => {
      clearTimeout(late)
      reject(new Error('vLLM did not start'))
    })
  })
}

/** As in `vllm serve MODEL --max-model-len 256`; port and the flags of these tests are added. */
async function startCommand(command: string, extra: Extra): Promise<Omit<VllmServer, 'model'>> {
  const port = await freePort()
  const [program = '', ...args] = command.split(' ')
  const child = spawn(program, [...args, '--host', '127.0.0.1', '--port', String(port), ...flags, ...extra.flags], {
    detached: true,
    env: { ...process.env, ...extra.env },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const url = `http://127.0.0.1:${port}`
  const answers = () =>
    fetch(`${url}/health`).then(
      ({ ok }) => ok,
      () => false,
    )
  await until(answers, `${command} answers`, startSeconds * 1000)
  return { url, stop: () => void process.kill(-(child.pid ?? 0), 'SIGKILL') }
}
