// Loaded into every child before its program: standard input is a pipe from the one that started it, and ends when that one
// is gone, however it went. Then the child is asked to end too, so that no process is left behind.
import { isMainThread } from 'node:worker_threads'

if (isMainThread) {
  process.stdin.on('end', () => process.kill(process.pid, 'SIGTERM'))
  process.stdin.resume()
  // Nobody shall stay alive for the sake of this pipe.
  process.stdin.unref()
}
