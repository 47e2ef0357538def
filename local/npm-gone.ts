// A server that an npm script started ends with its npm, however that one went. npm passes SIGTERM on to the shell between, which passes
// nothing on; killed, it passes nothing on at all. Both would leave the server behind on its port.
import { readFileSync } from 'node:fs'

const watchMs = 500

interface Ancestor {
  parent: number
  /** Its arguments, as far as a shell is to be known by them. */
  args: readonly string[]
}

/** Calls once, when the npm that runs this script is gone. Started in any other way (nohup, systemd, a pod) nothing is watched. */
export function whenNpmIsGone(script: string, act: () => void): void {
  if (process.env.npm_lifecycle_event !== script) return
  const { ppid } = process
  const above = ancestor(ppid)
  // Some shells put the program in their place, others wait for it: then npm is one further up.
  const npm = above?.args[1] === '-c' ? above.parent : undefined
  const timer = setInterval(() => {
    if (process.ppid === ppid && (npm === undefined || ancestor(ppid)?.parent === npm)) return
    clearInterval(timer)
    act()
  }, watchMs)
  timer.unref()
}

/** Undefined where there is no /proc: then only the parent itself is watched. */
function ancestor(pid: number): Ancestor | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field is a name in brackets, which may hold anything.
    const [, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return { parent: Number(parent), args: readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0') }
  } catch {
    return undefined
  }
}
