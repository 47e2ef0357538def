// Opens streams and reads them to their ends; prints how many were whole and how late events were, in microseconds.
// Arguments: URL, token, streams, events that each must have.
import { connect } from 'node:net'

const [url = '', token = '', streamsText = '100', eventsText = '50'] = process.argv.slice(2)
const streams = Number(streamsText)
const events = Number(eventsText)
const { hostname, port, pathname } = new URL(url)
const body = JSON.stringify({
  model: 'bench',
  messages: [{ role: 'user', content: 'What is the capital of Japan?' }],
  stream: true,
  max_tokens: events,
})
const request = `POST ${pathname} HTTP/1.1\r\nhost: ${hostname}:${port}\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`

const delays: number[] = []
let whole = 0
let ended = 0
let seen = 0

/** The time in an event: see event-engine.ts. */
const sentAt = /token@(\d+)@/g

function open(): void {
  const socket = connect(Number(port), hostname)
  socket.setNoDelay(true)
  let count = 0
  let isDone = false
  const end = (): void => {
    if (isDone) return
    isDone = true
    ended += 1
    if (count === events) whole += 1
    socket.destroy()
    if (ended === streams) finish()
  }
  socket.on('connect', () => socket.write(request))
  socket.on('data', (part) => {
    const now = process.hrtime.bigint()
    const text = part.toString('latin1')
    for (const [, time = '0'] of text.matchAll(sentAt)) {
      count += 1
      seen += 1
      delays.push(Number(now - BigInt(time)) / 1000)
    }
    if (text.includes('data: [DONE]')) end()
  })
  socket.on('error', end)
  socket.on('close', end)
}

function finish(): void {
  delays.sort((a, b) => a - b)
  const percentile = (share: number): number => delays[Math.floor(delays.length * share)] ?? Number.NaN
  process.stdout.write(JSON.stringify({ whole, events: seen, p50: percentile(0.5), p99: percentile(0.99) }))
}

// Spread over a second: a thousand connections in one moment measure the listen queue.
const perTick = Math.max(1, Math.ceil(streams / 100))
let opened = 0
const timer = setInterval(() => {
  for (let index = 0; index < perTick && opened < streams; index += 1, opened += 1) open()
  if (opened === streams) clearInterval(timer)
}, 10)
