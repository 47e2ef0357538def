// A tenant who sends ten megabytes again and again, four at a time, until the process is ended. Arguments: URL, token, what is in them.
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

const [url = '', token = '', what = ''] = process.argv.slice(2)
const { hostname, port, pathname } = new URL(url)
const bytes = 9_900_000
const filled = (before: string, unit: string, after: string): string =>
  before + unit.repeat(Math.floor((bytes - before.length - after.length) / unit.length)) + after

/** All but the first are read to their end and end at the engine’s or the body’s refusal. */
const bodies: Readonly<Record<string, () => string>> = {
  refused: () => filled('{"model":"none","messages":[{"content":"', 'a \\"b\\"\\n ', '"}]}'),
  'short strings': () => filled('{"messages":[],"x":[', '"a", ', '"a"],"model":"none"}'),
  'nested lists': () =>
    filled(
      '{"messages":[],"x":[',
      '[1,2,3,"abcdefghijklmnopqrstuvwxyz, abcdefghijklmnopqrstuvwxyz, abcdefghijklmnopqrstuvwxyz, abc"],',
      '1],"model":"none"}',
    ),
  escapes: () => filled('{"messages":[{"content":"', '\\"\\\\', '"}],"model":"none"}'),
  'one long string': () => filled('{"messages":[{"content":"', 'QUJD', '"}],"model":"none"}'),
}
const body = Buffer.from(bodies[what]?.() ?? '')
const head = `POST ${pathname} HTTP/1.1\r\nhost: ${hostname}:${port}\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`

async function attack(): Promise<never> {
  for (;;) {
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), hostname)
      socket.on('error', () => {})
      socket.on('close', () => resolve())
      socket.on('data', () => socket.destroy())
      socket.write(head)
      socket.write(body)
    })
    await pause(5)
  }
}

for (let index = 0; index < 4; index += 1) void attack()
