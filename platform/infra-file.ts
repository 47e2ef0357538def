// Turns the outputs of a stack into the text of infra.json. Pure; what is wrong comes out as sentences, not exceptions.
import { type Infra, infraSchema } from '../generators/schema/infra.ts'

/** Fields in the order of the schema, which is the order in the file. */
const fields = Object.keys(infraSchema.properties) as (keyof Infra)[]

/** What `pulumi stack output` prints instead of an encrypted value. */
const hidden = '[secret]'

export interface InfraFile {
  text: string
  /** Outputs that cannot go into the file; with one, nothing is written. */
  problems: string[]
}

/** `outputs` is the object that `pulumi stack output --json` prints, without secrets shown. */
export function infraFile(outputs: unknown): InfraFile {
  if (typeof outputs !== 'object' || outputs === null || Array.isArray(outputs)) {
    return { text: '', problems: ['the outputs are not a JSON object'] }
  }
  const given = new Map(Object.entries(outputs))
  const problems = [...given].flatMap(([key, value]) => {
    if (!fields.includes(key as keyof Infra) || key === 'status') return [`infra.json has no field "${key}"`]
    return value === hidden ? [`"${key}" is a secret, and infra.json is read by everybody`] : []
  })
  if (given.size === 0) problems.push('the stack has no outputs: it was never applied')
  const ordered = fields.map((field) => [field, field === 'status' ? 'applied' : given.get(field)])
  return { text: `${JSON.stringify(Object.fromEntries(ordered), null, 2)}\n`, problems }
}
