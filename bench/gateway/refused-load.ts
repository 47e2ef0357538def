// Sends requests that are refused on four connections, on each one after the other, as long as the gateway keeps it.
// Arguments: URL, token, model, bytes of the body, `at once`, `dripped` or `cold`, how many, the status that they must have:
// all but one in twenty, since a limit of requests lets one pass now and then.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

const [url = '', token = '', model = '', bytesText = '0', way = '', countText = '1', status = ''] =
  process.argv.slice(2)
const bytes = Number(bytesText)
/** As those of a tenant that sends its worst: worst-load.ts. */
const connections = 4
const { hostname, port, pathname } = new URL(url)
const beginning = `{"model":"${model}","messages":[{"role":"user","content":"`
const ending = '"}]}'
const body =
  bytes === 0 ? '' : beginning + 'a \\"b\\"\\n '.repeat(bytes / 9).slice(0, bytes - beginning.length - 4) + ending
const head = `POST ${pathname} HTTP/1.1\r\nhost: ${hostname}:${port}\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`

async function open(): Promise<Socket> {
  const socket = connect(Number(port), hostname)
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

/** Writes the request; the body in small pieces until the answer is there. */
async function write(socket: Socket, isAnswered: () => boolean): Promise<void> {
  if (way !== 'dripped') {
    socket.write(head + body)
    return
  }
  socket.write(head)
  for (let at = 0; at < body.length && !isAnswered(); at += 1000) {
    socket.write(body.slice(at, at + 1000))
    await pause(2)
  }
}

/** Sends one; whether the connection can be used again. */
async function send(socket: Socket): Promise<boolean> {
  let text = ''
  let isOver = false
  const answered = new Promise<void>((resolve) => {
    socket.on('data', (part) => {
      text += part.toString('latin1')
      const end = text.indexOf('\r\n\r\n')
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0)
      if (end >= 0 && text.length >= end + 4 + length) {
        isOver = true
        resolve()
      }
    })
    socket.on('close', () => resolve())
  })
  await Promise.all([write(socket, () => isOver), answered])
  socket.removeAllListeners('data')
  socket.removeAllListeners('close')
  if (!text.startsWith(`HTTP/1.1 ${status} `)) others.push(text.slice(0, 300))
  return !/connection: close/i.test(text) && !socket.destroyed
}

const others: string[] = []
/** What goes through the caches before a cold one. */
const large = Buffer.alloc(way === 'cold' ? 10_000_000 : 0)

async function sendOneAfterTheOther(count: number): Promise<void> {
  let socket: Socket | undefined
  for (let index = 0; index < count; index += 1) {
    socket ??= await open()
    Buffer.from(large.fill(index))
    if (await send(socket)) continue
    socket.destroy()
    socket = undefined
  }
  socket?.destroy()
}

await Promise.all(Array.from({ length: connections }, () => sendOneAfterTheOther(Number(countText) / connections)))
if (others.length > connections + Number(countText) / 20)
  throw new Error(`${others.length} not ${status}: ${others[0]}`)
