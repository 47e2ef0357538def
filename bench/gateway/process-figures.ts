// What a running process has used so far, from /proc: CPU time and memory, its children included.
import { readdirSync, readFileSync } from 'node:fs'

/** Linux counts CPU time in ticks of 10 ms (USER_HZ, the same on every architecture that Node runs on). */
const tickMicros = 10_000

interface Stat {
  parent: number
  micros: number
}

function statOf(pid: number): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name is in brackets and may hold anything; fields are counted after it: 4 = parent, 14 and 15 = CPU.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return { parent: Number(fields[1]), micros: (Number(fields[11]) + Number(fields[12])) * tickMicros }
  } catch {
    return undefined
  }
}

/** The process and its children. */
function family(pid: number): number[] {
  const children = readdirSync('/proc')
    .map(Number)
    .filter((one) => statOf(one)?.parent === pid)
  return [pid, ...children]
}

/** CPU time of a process and its children, user and system, in microseconds. */
export const cpuMicros = (pid: number): number => family(pid).reduce((sum, one) => sum + (statOf(one)?.micros ?? 0), 0)

/** Memory in use (RSS) of a process and its children, in MiB. */
export const residentMib = (pid: number): number =>
  family(pid).reduce((sum, one) => sum + Number(/VmRSS:\s+(\d+)/.exec(statusOf(one))?.[1] ?? 0) / 1024, 0)

function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8')
  } catch {
    return ''
  }
}
