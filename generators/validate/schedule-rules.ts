// Rules about scaling.schedule: windows that KEDA can keep, in a time zone that it knows.
import { didYouMean } from '../diagnostics/nearest.ts'
import { awakeExample, readAwakeCron } from '../schema/awake-cron.ts'
import type { Report } from './findings.ts'
import type { Draft } from './model-settings.ts'

const timeZones = (): string[] => Intl.supportedValuesOf('timeZone')

/** The name as it is written in the database of time zones, which KEDA looks up letter by letter; undefined: there is no such zone. */
function zoneName(zone: string): string | undefined {
  try {
    const known = new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone
    return known.toLowerCase() === zone.toLowerCase() ? known : zone
  } catch {
    return undefined
  }
}

export function checkSchedule({ scaling }: Draft, report: Report): void {
  for (const [index, { cron, timeZone, minReplicas }] of scaling.schedule.entries()) {
    const at = (field: string): (string | number)[] => ['scaling', 'schedule', index, field]
    const windows = readAwakeCron(cron)
    if (typeof windows === 'string')
      report(
        'SCALING_SCHEDULE',
        at('cron'),
        `${JSON.stringify(cron)} ${windows}`,
        `write the minutes at which the model stays awake, such as "${awakeExample}", or scaling.minReplicas for all of them`,
      )
    const zone = zoneName(timeZone)
    if (zone !== timeZone)
      report(
        'SCALING_SCHEDULE',
        at('timeZone'),
        `no time zone is called ${timeZone}`,
        zone === undefined
          ? `${didYouMean(timeZone, timeZones())}write one such as Europe/Berlin or UTC`
          : `write ${zone}`,
      )
    if (minReplicas > scaling.maxReplicas || minReplicas <= scaling.minReplicas)
      report(
        'SCALING_SCHEDULE',
        at('minReplicas'),
        `the schedule keeps ${minReplicas} replicas, the model has ${scaling.minReplicas} to ${scaling.maxReplicas} anyway`,
        scaling.minReplicas === scaling.maxReplicas
          ? 'write a smaller scaling.minReplicas, or remove the schedule'
          : `write ${scaling.minReplicas + 1} to ${scaling.maxReplicas}`,
      )
  }
}
