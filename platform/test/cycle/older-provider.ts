// A plugin in place of Pulumi’s own is made of an older AWS provider; where its inputs are named otherwise, they are renamed for it.
import * as pulumi from '@pulumi/pulumi'
import type { Cluster } from '../../../generators/schema/cluster.ts'

type Json = unknown

/** Provider 5 has a list of one statement inside `not_statement`, which @pulumi/aws 7 shows as the statement. */
function withListInNot(value: Json): Json {
  if (Array.isArray(value)) return value.map(withListInNot)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, inner]) => {
    const not = key === 'notStatement' ? (inner as { statement: Json }) : undefined
    return [key, not === undefined ? withListInNot(inner) : { statements: [withListInNot(not.statement)] }]
  })
  return Object.fromEntries(entries)
}

interface LifecycleRule {
  filter: Json
  abortIncompleteMultipartUpload: Json
}

/** Provider 5 has lists of one block in a rule of a bucket. */
const withLists = ({ filter, abortIncompleteMultipartUpload, ...rule }: LifecycleRule): Json => ({
  ...rule,
  filters: [filter],
  abortIncompleteMultipartUploads: [abortIncompleteMultipartUpload],
})

const renamed: Record<string, (rules: Json) => Json> = {
  'aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration': (rules) =>
    (rules as LifecycleRule[]).map(withLists),
  'aws:wafv2/webAcl:WebAcl': withListInNot,
}

interface Origin {
  customOriginConfig?: { originMtlsConfig?: unknown }
}

/** Provider 5 knows no certificate towards origins. */
const withoutCertificates = (origins: readonly Origin[]): Origin[] =>
  origins.map(({ customOriginConfig, ...origin }) => {
    if (customOriginConfig === undefined) return origin
    const { originMtlsConfig: _, ...config } = customOriginConfig
    return { ...origin, customOriginConfig: config }
  })

/** To be called by the program before it makes anything. */
export function renameForOlderProvider({ edge: { mutualTls } }: Cluster): void {
  pulumi.runtime.registerResourceTransform(({ type, props, opts }) => {
    const rename = renamed[type]
    return rename === undefined ? undefined : { props: { ...props, rules: rename(props.rules) }, opts }
  })
  if (mutualTls === undefined) return
  // The older kind, since what a transform gives back is no secret any more.
  pulumi.runtime.registerStackTransformation(({ type, props, opts }) =>
    type === 'aws:cloudfront/distribution:Distribution'
      ? { props: { ...props, origins: pulumi.output(props.origins as Origin[]).apply(withoutCertificates) }, opts }
      : undefined,
  )
}
