// The two AWS providers of a stack: the cluster's region, and us-east-1 for what CloudFront reads. No default provider is used.
import { Provider } from '@pulumi/aws/provider.js'
import type { ComponentResourceOptions, ResourceTransformation } from '@pulumi/pulumi'
import type { Cluster } from '../generators/schema/cluster.ts'
import { defaultTags } from './tags.ts'

/** CloudFront’s certificates, web ACLs, metrics and logs are there, whatever the cluster’s region. */
export const edgeRegion = 'us-east-1'

export interface AwsProviders {
  regional: Provider
  edge: Provider
}

export function awsProviders(cluster: Cluster): AwsProviders {
  const provider = (name: string, region: string): Provider =>
    new Provider(`${cluster.name}-${name}`, {
      region,
      // The wrong credentials must not build a second platform elsewhere.
      allowedAccountIds: [cluster.account],
      defaultTags: { tags: defaultTags(cluster) },
    })
  return { regional: provider('regional', cluster.region), edge: provider('edge', edgeRegion) }
}

/** Options of a component: everything below it is made by the provider, and no role below it forgets the boundary. */
export const madeBy = (provider: Provider, { permissionBoundary }: Cluster): ComponentResourceOptions => ({
  provider,
  ...(permissionBoundary !== undefined && { transformations: [limitRoles(permissionBoundary)] }),
})

const limitRoles =
  (permissionsBoundary: string): ResourceTransformation =>
  ({ type, props, opts }) =>
    type === 'aws:iam/role:Role' ? { props: { ...props, permissionsBoundary }, opts } : undefined
