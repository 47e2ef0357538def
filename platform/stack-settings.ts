// Stack settings, encrypted in Git by Pulumi: what proves to the gateway that a request came through the edge, and the canary’s secret.
import * as pulumi from '@pulumi/pulumi'
import type { Cluster } from '../generators/schema/cluster.ts'
import { restoreStack, stackFile } from '../generators/schema/infra.ts'
import type { OriginSecret } from './security/origin-secret-value.ts'

/** A cluster’s stack, and whether its platform was made: then its secret is in use. */
export interface Stack {
  name: string
  isApplied: boolean
}

/** Long enough not to be guessed, and nothing that a header could not carry. */
const form = /^[A-Za-z0-9_-]{32,128}$/

/** `originSecret`, and while it is rotated `originSecretPrevious`, which is sent until then. Throws what Pulumi prints without a stack trace. */
export function readOriginSecret(config: pulumi.Config, { name, isApplied }: Stack): OriginSecret {
  const current = read(config, 'originSecret')
  const previous = read(config, 'originSecretPrevious')
  if (current === undefined) {
    throw new pulumi.RunError(
      isApplied
        ? `${stackFile(name)} has no originSecret, and the platform of ${name} is there: ${restoreStack(name)}`
        : `the stack has no originSecret; make one: openssl rand -hex 32 | npm run platform -- config set --secret originSecret --stack ${name}`,
    )
  }
  return { current, ...(previous === undefined ? {} : { previous }) }
}

/** `canaryClientSecret`, which must be there when the cluster file names the canary’s client. */
export function readCanarySecret(
  config: pulumi.Config,
  { name, monitoring }: Cluster,
): pulumi.Output<string> | undefined {
  const value = config.getSecret('canaryClientSecret')
  if (value === undefined && monitoring.canary !== undefined) {
    throw new pulumi.RunError(
      `clusters/${name}/cluster.yaml names the client of the canary, and the stack has no canaryClientSecret: npm run platform -- config set --secret canaryClientSecret --stack ${name}`,
    )
  }
  return monitoring.canary === undefined ? undefined : value
}

function read(config: pulumi.Config, key: string): pulumi.Output<string> | undefined {
  const value = config.get(key)
  if (value === undefined) return undefined
  if (!form.test(value)) {
    throw new pulumi.RunError(`${key} must be 32 to 128 letters, digits, dashes or underscores; it has ${value.length}`)
  }
  return pulumi.secret(value)
}
