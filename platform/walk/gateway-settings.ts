// What the gateway’s settings are in a cluster: those of its rendered Deployment over the defaults of gateway/config.ts.
import { settings } from '../../gateway/config.ts'
import { ofType } from '../graph/graph.ts'
import { type Declared, nameOf, object, theOnly } from './declared.ts'
import type { Addressed } from './load-balancer.ts'
import { gatewayWorkload } from './pods.ts'
import { BrokenPath } from './request.ts'

/** Values as text; what a pod says of itself is left out. */
export function gatewayEnvironment(declared: Declared, request: Addressed): Record<string, string> {
  const { container } = gatewayWorkload(declared, request)
  const entries = (container.env ?? []).map(({ name, value }): [string, string | undefined] => [name, value])
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== undefined))
}

/**
 * What the gateway finds in the folder of the origin secret, by file: from Secrets Manager through External Secrets and a volume.
 * @throws BrokenPath where the chain is broken
 */
export function mountedOriginSecret(declared: Declared, request: Addressed): Record<string, string> {
  const { container, volumes, deployment } = gatewayWorkload(declared, request)
  const folder = gatewayEnvironment(declared, request).ORIGIN_SECRET_FOLDER
  const mount = container.volumeMounts?.find(({ mountPath }) => mountPath === folder)
  const secretName = volumes.find(({ name }) => name === mount?.name)?.secret?.secretName
  if (secretName === undefined) throw new BrokenPath(`${nameOf(deployment)} mounts no Secret at ${folder}`)
  const external = object(declared, 'ExternalSecret', 'gateway', secretName)
  const { dataFrom } = external.spec as { dataFrom: { extract: { key: string } }[] }
  const key = dataFrom[0]?.extract.key
  const [stored] = ofType(declared.graph, 'aws:secretsmanager/secret:Secret').filter(
    ({ inputs }) => inputs.name === key,
  )
  if (stored === undefined) throw new BrokenPath(`${nameOf(external)} reads ${key}, which the platform does not make`)
  const version = theOnly(declared, 'aws:secretsmanager/secretVersion:SecretVersion')
  if (version.inputs.secretId !== stored.id) throw new BrokenPath(`${key} has no value`)
  return JSON.parse(String(version.inputs.secretString)) as Record<string, string>
}

export function numberSetting(environment: Readonly<Record<string, string>>, name: string): number {
  const setting = settings.find((one) => one.name === name)
  if (setting === undefined) throw new Error(`the gateway has no setting ${name}`)
  return Number(environment[name] ?? setting.schema.default)
}
