// A plugin that stands in for Pulumi’s own is made of an older AWS provider; where its inputs are named otherwise, they are renamed for it.
import * as pulumi from '@pulumi/pulumi'

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

/** To be called by the program before it makes anything. */
export function renameForOlderProvider(): void {
  pulumi.runtime.registerResourceTransform(({ type, props, opts }) =>
    type === 'aws:wafv2/webAcl:WebAcl' ? { props: { ...props, rules: withListInNot(props.rules) }, opts } : undefined,
  )
}
