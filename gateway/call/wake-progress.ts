// What a stream that waits for a sleeping model is sent: how far the start is, at each step and from time to time.
import { wakeWords } from '../waking/wake.ts'
import type { Call } from './call.ts'

/** `step` changes when there is something new to say; undefined: neither a plan nor a pod is known. */
export function wakeProgress({ model, received }: Call, now: number): { step: string; text: string } | undefined {
  const report = model.wake?.report(now)
  if (!report || (report.stage === 'asked' && report.secondsLeft === undefined)) return undefined
  const text = received.wantsProgress
    ? `event: slipway.progress\ndata: ${JSON.stringify(report)}\n\n`
    : `: ${wakeWords(report)}\n\n`
  return { step: `${report.stage} ${report.percent}`, text }
}
