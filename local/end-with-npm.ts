// Loaded before a server that an npm script starts: when npm is gone the server is asked to end, unless a signal has asked it already.
import { isMainThread } from 'node:worker_threads'
import { whenNpmIsGone } from './npm-gone.ts'

let asked = false

function watch(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      asked = true
      // This listener alone would keep the signal from ending a program that has none of its own.
      if (process.listenerCount(signal) > 1) return
      process.removeAllListeners(signal)
      process.kill(process.pid, signal)
    })
  whenNpmIsGone(process.env.npm_lifecycle_event ?? '', () => {
    if (!asked) process.kill(process.pid, 'SIGTERM')
  })
}

if (isMainThread) watch()
