// From the rows of rights to IAM policies, each small enough for AWS. Pure.
import type { Cluster } from '../../generators/schema/cluster.ts'
import type { EdgeKind } from '../../generators/schema/edge-kinds.ts'
import { filledIn } from '../fill-braces.ts'
import type { Right } from './right.ts'
import { passedTo, readActions, rightsFor } from './rights.ts'

/** Characters of a managed policy without white space (IAM quotas). */
export const policyLimit = 6144

export interface Place {
  account: string
  region: string
  cluster: string
  domain: string
  edge: EdgeKind
}

export const placeOf = ({ account, region, name, domain, edge }: Cluster): Place => ({
  account,
  region,
  cluster: name,
  domain,
  edge: edge.kind,
})

export interface PolicyStatement {
  Effect: 'Allow'
  Action: string[]
  Resource: string[]
  Condition?: Record<string, Record<string, string | string[]>>
}

export interface PolicyDocument {
  Version: '2012-10-17'
  Statement: PolicyStatement[]
}

const statementOf = ({ actions, on, condition }: Right): PolicyStatement => ({
  Effect: 'Allow',
  Action: [...actions],
  Resource: [...on],
  ...(condition && { Condition: condition as NonNullable<PolicyStatement['Condition']> }),
})

const handsRoles: PolicyStatement = {
  Effect: 'Allow',
  Action: ['iam:PassRole'],
  Resource: ['arn:aws:iam::{account}:role/{cluster}-*'],
  Condition: { StringEquals: { 'iam:PassedToService': [...passedTo] } },
}

const document = (Statement: PolicyStatement[]): PolicyDocument => ({ Version: '2012-10-17', Statement })

/** Looks at everything that the platform is made of. */
export const readPolicy = (): PolicyDocument =>
  document([{ Effect: 'Allow', Action: [...readActions], Resource: ['*'] }])

/** Makes, changes and deletes it; as few documents as fit, in the order of the rows. */
export function writePolicies(cluster: Cluster): PolicyDocument[] {
  const place = placeOf(cluster)
  const own = cluster.kubernetes.existing === undefined
  const granted = rightsFor(place.edge).filter(({ makesCluster }) => own || makesCluster !== true)
  const statements = filledIn([...granted.map(statementOf), handsRoles], { ...place })
  const documents: PolicyDocument[] = []
  for (const statement of statements) {
    const last = documents.at(-1)
    if (last !== undefined && JSON.stringify(document([...last.Statement, statement])).length <= policyLimit)
      last.Statement.push(statement)
    else documents.push(document([statement]))
  }
  return documents
}
