// What platform/README.md has a person do by hand before `destroy`: AWS’s own protections go, with the AWS CLI, then Pulumi’s.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Cloud } from './cloud.ts'
import type { Engine } from './engine.ts'

export async function takeProtectionsAway(engine: Engine, cloud: Cloud): Promise<void> {
  const { cluster } = engine.settings
  const { loadBalancerArn = '', clusterName = '' } = await engine.outputs()
  const env = { ...process.env, ...cloud.environment(cluster.region), AWS_DEFAULT_REGION: cluster.region }
  const aws = (...args: string[]): Promise<unknown> => promisify(execFile)('aws', args, { env })
  const attribute = 'Key=deletion_protection.enabled,Value=false'
  await aws(
    'elbv2',
    'modify-load-balancer-attributes',
    '--load-balancer-arn',
    loadBalancerArn,
    '--attributes',
    attribute,
  )
  await aws('eks', 'update-cluster-config', '--name', clusterName, '--no-deletion-protection')
  await engine.command('state', 'unprotect', '--all', '--yes')
}
