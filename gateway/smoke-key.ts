// The tenant of smoke tests. Its key is made from the origin secret, which the gateway and the smoke pods of a cluster both have: there is no
// further secret to keep or to rotate, none is in Git, and nobody knows it who could not reach the gateway anyway.
import { createHmac, hash } from 'node:crypto'
import { smokeTenantName } from './discovery/contract.ts'
import type { Tenant } from './discovery/directory.ts'

export const smokeKey = (originSecret: string): string =>
  createHmac('sha256', originSecret).update('slipway smoke').digest('base64url')

/** A prompt for each model after a commit that changes all of them, and no more. */
const limits = { requestsPerMinute: 600, tokensPerMinute: 200_000, concurrency: 64 }

/** One key for each value that is valid while the origin secret is rotated. */
export const smokeTenant = (originSecrets: readonly string[]): Tenant => ({
  name: smokeTenantName,
  claims: {},
  limits,
  apiKeys: originSecrets.map((value, index) => ({
    id: `${smokeTenantName}-${index + 1}`,
    sha256: hash('sha256', smokeKey(value), 'hex'),
    expires: '9999-12-31',
  })),
})
