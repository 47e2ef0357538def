// Rules about what a company asks of everything in its accounts: tags that are free, a boundary of this account.
import type { SourceFile } from '../load/source-file.ts'
import type { Cluster } from '../schema/cluster.ts'
import { ownTags, reservedTagPrefixes } from '../schema/cluster-company.ts'
import type { Findings } from './findings.ts'

export function checkCompany(
  { account, tags, permissionBoundary }: Cluster,
  file: SourceFile,
  findings: Findings,
): void {
  for (const key of Object.keys(tags)) {
    // Keys of IAM differ by case no more than others do: cluster and Cluster are one.
    const own = ownTags.find((one) => one.toLowerCase() === key.toLowerCase())
    const taken = own ?? reservedTagPrefixes.find((prefix) => key.toLowerCase().startsWith(prefix))
    if (taken === undefined) continue
    const message =
      own === undefined ? `tags that begin with ${taken} are not yours to set` : `the platform writes ${own} itself`
    findings.add('TAG_RESERVED', file.position(['tags', key], 'key'), message, 'choose another key')
  }
  const owner = permissionBoundary?.split(':')[4]
  if (owner === undefined || owner === account || owner === 'aws') return
  const message = `the policy is in account ${owner}, the roles are in ${account}`
  findings.add(
    'POLICY_ACCOUNT',
    file.position(['permissionBoundary']),
    message,
    `a policy of account ${account}, or one of AWS`,
  )
}
