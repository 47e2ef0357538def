// Settings of the gateway’s program against each other, its memory, and what is in front of it.
import type { SourceFile } from '../load/source-file.ts'
import type { Gateway } from '../schema/gateway.ts'
import {
  countedBytes,
  memoryShares,
  orderedSettings,
  settingDefaults,
  timesInFront,
} from '../schema/gateway-settings.ts'
import { parseMemory } from '../schema/quantity.ts'
import type { Findings } from './findings.ts'

/** `own` are those of the cluster’s patch. */
export function checkSettings(
  { settings, resources }: Gateway,
  own: object,
  cluster: string,
  file: SourceFile,
  findings: Findings,
): void {
  const value = (name: string): number => Number(settings[name] ?? settingDefaults[name])
  const report = (name: string, message: string, hint: string): void => {
    const place = Object.hasOwn(own, name) ? ['clusters', cluster, 'settings', name] : ['settings', name]
    findings.add('GATEWAY_SETTING', file.position(place), `${name} is ${value(name)}, ${message}`, hint, cluster)
  }
  const isSet = (name: string): boolean => Object.hasOwn(settings, name)
  for (const [name, other] of orderedSettings) {
    if (value(name) >= value(other)) continue
    if (isSet(name)) report(name, `less than ${other}, ${value(other)}`, `write ${value(other)} or more`)
    else report(other, `more than ${name}, ${value(name)}`, `write ${value(name)} or less, or raise ${name} too`)
  }
  for (const [name, { below, above, because }] of Object.entries(timesInFront)) {
    if (below !== undefined && value(name) >= below) report(name, `and by then ${because}`, `write less than ${below}`)
    if (above !== undefined && value(name) <= above) report(name, `so ${because}`, `write more than ${above}`)
  }
  for (const [name, kind] of Object.entries(countedBytes)) {
    const most = Math.floor((parseMemory(resources.memory) * 1024 ** 3 * memoryShares[kind]) / 2)
    if (isSet(name) && value(name) > most)
      report(
        name,
        `and one tenant may have ${most} bytes of a pod’s memory`,
        `write ${most} or less, or raise resources.memory`,
      )
  }
}
