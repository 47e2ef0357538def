// A client without an HTTP library, for bytes that no library sends.
import { connect } from 'node:net'

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Bytes on a bare socket; what came back until it closed or fell silent. */
export function onSocket(
  url: string,
  parts: readonly string[],
  gapMs = 0,
  silenceMs = 300,
): Promise<{ text: string; ms: number; closed: boolean }> {
  return new Promise((resolve) => {
    const started = performance.now()
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    let text = ''
    let closed = false
    let timer = setTimeout(() => {}, 0)
    const finish = () => {
      clearTimeout(timer)
      socket.destroy()
      resolve({ text, ms: performance.now() - started, closed })
    }
    const wait = () => {
      clearTimeout(timer)
      timer = setTimeout(finish, silenceMs)
    }
    socket.on('data', (part) => {
      text += part.toString('latin1')
      wait()
    })
    socket.on('close', () => {
      closed = true
      finish()
    })
    socket.on('error', () => {})
    void (async () => {
      for (const part of parts) {
        if (socket.destroyed) return
        socket.write(part)
        if (gapMs > 0) await pause(gapMs)
      }
      wait()
    })()
  })
}
