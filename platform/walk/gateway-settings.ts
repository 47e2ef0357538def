// What the gateway’s settings are in a cluster: those of its rendered Deployment over the defaults of gateway/config.ts.
import { settings } from '../../gateway/config.ts'
import { type Declared, theOnly } from './declared.ts'
import type { Addressed } from './load-balancer.ts'
import { gatewayWorkload } from './pods.ts'

/** Values as text; those of Secrets come from what the platform stores. */
export function gatewayEnvironment(declared: Declared, request: Addressed): Record<string, string> {
  const stored = JSON.parse(
    String(theOnly(declared, 'aws:secretsmanager/secretVersion:SecretVersion').inputs.secretString),
  ) as Record<string, string>
  const { container } = gatewayWorkload(declared, request)
  const entries = (container.env ?? []).map(({ name, value, valueFrom }): [string, string | undefined] => [
    name,
    value ?? stored[valueFrom?.secretKeyRef?.key ?? ''],
  ])
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== undefined))
}

export function numberSetting(environment: Readonly<Record<string, string>>, name: string): number {
  const setting = settings.find((one) => one.name === name)
  if (setting === undefined) throw new Error(`the gateway has no setting ${name}`)
  return Number(environment[name] ?? setting.schema.default)
}
