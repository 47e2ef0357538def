// What the bootstrap template makes before the first `up`: the bucket and key of the state, and roles that EKS refuses when they are not there.
import type { Cluster } from '../../generators/schema/cluster.ts'
import { stateBucket } from '../deployer/plan-template.ts'
import { bad, type Check, good, type Verdict } from './check.ts'

const bootstrap = ({ name }: Cluster): string =>
  `docs/how-to/deploy.md, step 3: npm run platform:bootstrap -- --cluster ${name}`

export const bootstrapChecks = (cluster: Cluster): Check[] => [
  bucketCheck(cluster),
  keyCheck(cluster),
  ...[...cluster.kubernetesApi.adminRoles, ...cluster.kubernetesApi.viewRoles].map((role) => roleCheck(cluster, role)),
]

function bucketCheck(cluster: Cluster): Check {
  const bucket = stateBucket({ account: cluster.account, cluster: cluster.name })
  return {
    name: 'state bucket',
    asks: `whether s3://${bucket} is there and keeps versions`,
    aws: ['s3api', 'get-bucket-versioning', '--bucket', bucket, '--region', cluster.region],
    judge(answer) {
      const { Status } = (answer ?? {}) as { Status?: string }
      return Status === 'Enabled'
        ? good(`s3://${bucket}`)
        : bad(`s3://${bucket} keeps no versions`, `it was made by other means; ${bootstrap(cluster)}`)
    },
    refusals: [
      { error: /NoSuchBucket|\b404\b/, verdict: bad(`there is no s3://${bucket}`, bootstrap(cluster)) },
      {
        error: /AccessDenied|\b403\b/,
        verdict: bad(`s3://${bucket} is not yours, or closed to you`, bootstrap(cluster)),
      },
    ],
  }
}

function keyCheck(cluster: Cluster): Check {
  const alias = `alias/${cluster.name}-state`
  return {
    name: 'state key',
    asks: `whether the key ${alias} is there`,
    aws: ['kms', 'describe-key', '--key-id', alias, '--region', cluster.region],
    judge(answer): Verdict {
      const { KeyState } = (answer as { KeyMetadata: { KeyState: string } }).KeyMetadata
      return KeyState === 'Enabled'
        ? good(alias)
        : bad(
            `${alias} is ${KeyState}`,
            'aws kms cancel-key-deletion or enable-key: without it the state cannot be read',
          )
    },
    refusals: [
      { error: /NotFoundException/, verdict: bad(`there is no ${alias} in ${cluster.region}`, bootstrap(cluster)) },
    ],
  }
}

/** `role` is below folders when it has some: teams/on-call. */
function roleCheck(cluster: Cluster, role: string): Check {
  const arn = `arn:aws:iam::${cluster.account}:role/${role}`
  const missing = bad(
    `there is no role ${role}, and EKS refuses to name it`,
    `${bootstrap(cluster)}; or take it out of kubernetesApi of clusters/${cluster.name}/cluster.yaml`,
  )
  return {
    name: `role ${role}`,
    asks: `whether ${arn} is there`,
    aws: ['iam', 'get-role', '--role-name', role.split('/').at(-1) ?? role, '--region', cluster.region],
    judge(answer) {
      const found = (answer as { Role: { Arn: string } }).Role.Arn
      return found === arn
        ? good(arn)
        : bad(`its ARN is ${found}, not ${arn}`, 'write its path before its name in kubernetesApi')
    },
    refusals: [{ error: /NoSuchEntity/, verdict: missing }],
  }
}
