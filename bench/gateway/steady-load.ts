// Sends requests at a constant rate and prints their latencies as JSON, in microseconds from sending to the last byte.
// Arguments: URL, token, requests a second, seconds, body.
import { Pool } from 'undici'

const [url = '', token = '', rateText = '1000', secondsText = '5', body = '{}'] = process.argv.slice(2)
const rate = Number(rateText)
const total = rate * Number(secondsText)
/** The first ones open connections and warm the programs up. */
const warmUp = rate
const { origin, pathname } = new URL(url)
const pool = new Pool(origin, { connections: 64, pipelining: 1 })
const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
const latencies: number[] = []
let sent = 0
let failed = 0

async function send(counts: boolean): Promise<void> {
  const started = performance.now()
  try {
    const answer = await pool.request({ path: pathname, method: 'POST', headers, body })
    await answer.body.dump()
    if (answer.statusCode !== 200) failed += 1
  } catch {
    failed += 1
  }
  if (counts) latencies.push((performance.now() - started) * 1000)
}

const percentile = (share: number): number => latencies[Math.floor(latencies.length * share)] ?? Number.NaN

const startedAt = performance.now()
const timer = setInterval(() => {
  const due = Math.min(warmUp + total, Math.floor(((performance.now() - startedAt) * rate) / 1000))
  for (; sent < due; sent += 1) void send(sent >= warmUp)
  if (sent < warmUp + total) return
  clearInterval(timer)
  const ended = setInterval(() => {
    if (latencies.length < total) return
    clearInterval(ended)
    latencies.sort((a, b) => a - b)
    process.stdout.write(JSON.stringify({ failed, p50: percentile(0.5), p99: percentile(0.99) }))
    void pool.destroy()
  }, 20)
}, 1)
