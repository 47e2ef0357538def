// Servers through a real npm: whichever process of the chain is ended, nothing is left and the port is free.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { assert, describe } from '../../test/spec.ts'
import { childrenOf, copyOfRepository, hasProc, isAlive, pause, until } from './local-process.ts'

const root = join(import.meta.dirname, '../..')
const port = 18_640
/** Longer than two looks at the chain, much shorter than a run that nobody ends. */
const secondsToEnd = 10

const below = (pid: number): { pid: number }[] => childrenOf(pid).flatMap((child) => [child, ...below(child.pid)])

const isTaken = (): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => resolve(false))
    socket.on('connect', () => {
      socket.destroy()
      resolve(true)
    })
  })

const portFree = (): Promise<void> => until(async () => !(await isTaken()), `a free port ${port}`, secondsToEnd)

interface Chain {
  npm: number
  shell: number
  node: number
  all: { pid: number }[]
}

/** A process that was not found must not become 0, which a signal takes for the whole group of the test. */
function found(pid: number | undefined, what: string): number {
  if (pid === undefined || pid <= 1) throw new Error(`no process id of ${what}`)
  return pid
}

/** npm, perhaps a shell that waits for its program, the program, and what that starts. */
function chainOf(npm: number): Chain {
  const all = [{ pid: npm }, ...below(npm)]
  const shell = found(all[1]?.pid, 'what npm started')
  return { npm, shell, node: found(childrenOf(shell)[0]?.pid ?? shell, 'the program'), all }
}

/** Whatever the test finds, nothing of it stays. */
async function withServer(args: readonly string[], env: Record<string, string>, use: (chain: Chain) => Promise<void>) {
  await portFree()
  const child = spawn('npm', args, { cwd: root, stdio: 'ignore', detached: true, env: { ...process.env, ...env } })
  const npm = found(child.pid, 'npm')
  let chain: Chain | undefined
  try {
    await until(isTaken, `a server on ${port}`, 30)
    chain = chainOf(npm)
    await use(chain)
  } finally {
    for (const { pid } of (chain?.all ?? [{ pid: npm }]).filter(isAlive)) process.kill(pid, 'SIGKILL')
  }
}

const allGone = async ({ all }: Chain): Promise<void> => {
  await portFree()
  await until(() => all.filter(isAlive).length === 0, 'the end of every process', secondsToEnd)
}

describe('a server that npm started', (test) => {
  if (!hasProc) {
    test.skip('ends with its npm', 'needs /proc to find the processes: Linux only')
    return
  }
  let copy: string
  test.before(() => {
    copy = copyOfRepository()
  })
  test.after(() => rmSync(copy, { recursive: true }))

  const patient = { timeoutSeconds: 90 }
  const start = ['start', '--', '--root', 'ROOT', '--port', String(port)]
  const local = () => start.map((word) => (word === 'ROOT' ? copy : word))

  for (const [who, signal] of [
    ['npm', 'SIGTERM'],
    ['npm', 'SIGKILL'],
    ['npm', 'SIGHUP'],
    ['shell', 'SIGTERM'],
    ['shell', 'SIGKILL'],
    ['node', 'SIGTERM'],
    ['node', 'SIGKILL'],
  ] as const)
    test(
      `npm start: ${signal} to ${who} ends every process`,
      () =>
        withServer(local(), {}, async (chain) => {
          process.kill(chain[who], signal)
          await allGone(chain)
        }),
      patient,
    )

  test(
    'npm start: a terminal that is closed, a signal to all of them, ends every process once and in order',
    () =>
      withServer(local(), {}, async (chain) => {
        process.kill(-chain.npm, 'SIGHUP')
        await allGone(chain)
      }),
    patient,
  )

  for (const [script, args, env] of [
    ['gateway', [], { PORT: String(port), HOST: '127.0.0.1', ADMIN_PORT: String(port + 1), DISCOVERY: 'file' }],
    ['model-server', ['--model-dir=model-server/models/tiny-stories', '--host=127.0.0.1', `--port=${port}`], {}],
  ] as const)
    for (const signal of ['SIGTERM', 'SIGKILL'] as const)
      test(
        `npm run ${script}: ${signal} to npm ends it`,
        () =>
          withServer(['run', script, '--', ...args], env, async (chain) => {
            process.kill(chain.npm, signal)
            await allGone(chain)
          }),
        patient,
      )

  test(
    'goes on while npm is there, and when the process above npm goes',
    async () => {
      await portFree()
      const words = local().map((word) => `'${word}'`)
      const above = spawn('sh', ['-c', `nohup npm ${words.join(' ')} & echo $!`], { cwd: root, detached: true })
      const [line] = (await once(above.stdout, 'data')) as [Buffer]
      const npm = found(Number(line), 'npm')
      let all = [{ pid: npm }]
      try {
        await until(isTaken, `a server on ${port}`, 30)
        all = chainOf(npm).all
        await until(() => !isAlive({ pid: found(above.pid, 'the shell above') }), 'the end above', secondsToEnd)
        // Some looks at the chain later.
        await pause(2000)
        assert.ok(await isTaken())
        assert.equal(
          all.filter((one) => !isAlive(one)),
          [],
        )
        process.kill(npm, 'SIGTERM')
        await portFree()
      } finally {
        for (const { pid } of all.filter(isAlive)) process.kill(pid, 'SIGKILL')
      }
    },
    patient,
  )
})
