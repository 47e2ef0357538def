// The value that proves to the gateway that a request came through the edge. Stack settings, encrypted in Git by Pulumi.
import * as pulumi from '@pulumi/pulumi'
import type { OriginSecret } from './security/origin-secret-value.ts'

/** Long enough not to be guessed, and nothing that a header could not carry. */
const form = /^[A-Za-z0-9_-]{32,128}$/

/** `originSecret`, and while it is rotated `originSecretPrevious`, which is sent until then. Throws what Pulumi prints without a stack trace. */
export function readOriginSecret(config: pulumi.Config): OriginSecret {
  const current = read(config, 'originSecret')
  const previous = read(config, 'originSecretPrevious')
  if (current === undefined) {
    throw new pulumi.RunError(
      'the stack has no originSecret; make one: openssl rand -hex 32 | npm run platform -- config set --secret originSecret',
    )
  }
  return { current, ...(previous === undefined ? {} : { previous }) }
}

function read(config: pulumi.Config, key: string): pulumi.Output<string> | undefined {
  const value = config.get(key)
  if (value === undefined) return undefined
  if (!form.test(value)) {
    throw new pulumi.RunError(`${key} must be 32 to 128 letters, digits, dashes or underscores; it has ${value.length}`)
  }
  return pulumi.secret(value)
}
