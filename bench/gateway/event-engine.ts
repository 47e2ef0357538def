// An engine that streams as vLLM does: usage on every event, and as many events as the request's max_tokens. Each event says
// when it was sent. Arguments: port, milliseconds between two events. Plain sockets, so that it costs little.
import { createServer, type Socket } from 'node:net'

const [port = '0', gapText = '20'] = process.argv.slice(2)
const gapMs = Number(gapText)

const head = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n'
const id = 'chatcmpl-8f3c1d2e4b5a69788f3c1d2e4b5a6978'

const frame = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`

function event(count: number, events: number): string {
  const finish = count === events ? '"stop"' : 'null'
  // The content carries the time: nanoseconds of the clock that all processes share.
  const content = ` token@${process.hrtime.bigint()}@`
  return frame(
    `data: {"id":"${id}","object":"chat.completion.chunk","created":1764000000,"model":"bench","choices":[{"index":0,"delta":{"content":"${content}"},"logprobs":null,"finish_reason":${finish},"token_ids":null}],"usage":{"prompt_tokens":30,"total_tokens":${30 + count},"completion_tokens":${count}}}\n\n`,
  )
}

const last = (events: number): string =>
  frame(
    `data: {"id":"${id}","object":"chat.completion.chunk","created":1764000000,"model":"bench","choices":[],"usage":{"prompt_tokens":30,"total_tokens":${30 + events},"completion_tokens":${events}}}\n\ndata: [DONE]\n\n`,
  )

function stream(socket: Socket, events: number): void {
  let count = 0
  socket.write(head)
  const timer = setInterval(() => {
    if (socket.destroyed) {
      clearInterval(timer)
      return
    }
    count += 1
    socket.write(event(count, events))
    if (count < events) return
    clearInterval(timer)
    socket.write(`${last(events)}0\r\n\r\n`)
  }, gapMs)
}

createServer((socket) => {
  socket.setNoDelay(true)
  socket.on('error', () => {})
  let pending = ''
  socket.on('data', (part) => {
    pending += part.toString('latin1')
    const end = pending.indexOf('\r\n\r\n')
    if (end < 0) return
    const length = Number(/content-length: (\d+)/i.exec(pending)?.[1] ?? 0)
    if (pending.length < end + 4 + length) return
    const events = Number(/"max_tokens": ?(\d+)/.exec(pending)?.[1] ?? 50)
    pending = ''
    stream(socket, events)
  })
}).listen(Number(port), '127.0.0.1')
