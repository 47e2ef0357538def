// Small schemas that several files share: names, revisions, durations, quantities.
import Type, { type TSchema } from 'typebox'

/** Kubernetes object name: DNS label. */
export const dnsLabel = (maxLength: number, description: string) =>
  Type.String({ pattern: namePattern, maxLength, description })

/** An object that refuses unknown keys: a typing mistake must never be ignored. */
export const strict = <T extends Record<string, TSchema>>(properties: T, options: Record<string, unknown> = {}) =>
  Type.Object(properties, { additionalProperties: false, ...options })

/**
 * Fields of a file that a cluster changes: a JSON merge patch (RFC 7396), in which null removes a field. The keyword is our
 * own: it says where null has a meaning.
 */
export const patchOf = <T extends Record<string, TSchema>>(properties: T) => strict(properties, { mergePatch: true })

/** One of a list of words; the type keeps the words. */
export const oneOf = <const T extends readonly string[]>(values: T, options: Record<string, unknown> = {}) =>
  Type.Unsafe<T[number]>(Type.Enum([...values], options))

/** A map whose keys must match; JSON Schema alone would let other keys pass unseen. */
export const mapOf = <T extends TSchema>(keyPattern: string, value: T, options: Record<string, unknown> = {}) =>
  Type.Record(Type.String({ pattern: keyPattern }), value, { additionalProperties: false, ...options })

/** Names of clusters, tenants and the like as keys. */
export const namePattern = '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$'

export const duration = (description: string) =>
  Type.String({ pattern: '^[0-9]+(s|m|h)$', description, examples: ['15m'] })

export const latency = (description: string, example: string) =>
  Type.String({ pattern: '^[0-9]+(\\.[0-9]+)?(ms|s)$', description, examples: [example] })

/** A day of the calendar: 2027-02-30 is none. */
export const day = (description: string) => Type.String({ format: 'date', description, examples: ['2027-03-31'] })

export const cidr = (description: string) =>
  Type.String({ pattern: '^([0-9]{1,3}\\.){3}[0-9]{1,3}/[0-9]{1,2}$', description })

export const commit = (description: string) => Type.String({ pattern: '^[0-9a-f]{40}$', description })

export const sha256 = (description: string) => Type.String({ pattern: '^[0-9a-f]{64}$', description })

export const imageDigest = (description: string) => Type.String({ pattern: '^sha256:[0-9a-f]{64}$', description })

export const cpuQuantity = (description: string) =>
  Type.String({ pattern: '^([0-9]+m|[0-9]+(\\.[0-9]+)?)$', description, examples: ['500m', '2'] })

export const memoryQuantity = (description: string) =>
  Type.String({ pattern: '^[0-9]+(Mi|Gi)$', description, examples: ['8Gi'] })

/** Never `.`, `..` or empty: what is named must lie below the root and be one folder, not the repository with its history. */
const segment = '[A-Za-z0-9_-][A-Za-z0-9._-]*'

/** 1 to 65535, in a pattern. */
export const portNumber = '([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])'

/** A host with its port if it has one: no name begins or ends with a dot or a dash. */
const host = `[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:${portNumber})?`

/** An address of HTTPS that a client can parse, without `^` and `$`. */
export const httpsOrigin = `https://${host}`
export const httpsAddress = `${httpsOrigin}([/?#]\\S*)?`

/** What an error says in place of a pattern, as the annotation `form`. */
export const httpsForm = 'an address https://HOST/PATH that a client can parse, with a port up to 65535 if any'

/** Host, port if it has one, folders. */
export const imageRegistry = `^[a-z0-9][a-z0-9.-]*(:${portNumber})?(/[a-z0-9._-]+)*$`

export const bucketName = '[a-z0-9][a-z0-9-]{1,61}[a-z0-9]'

/** Folder of a bundled model, relative to the root. */
export const bundledFolder = `\\./${segment}(/${segment})*`

/** OWNER/NAME on the Hub. */
export const hubId = `${segment}/${segment}`

/** A model in a bucket of one’s own. */
export const bucketFolder = `s3://${bucketName}/${segment}(/${segment})*`

/** Days as cron names them; Karpenter takes its schedules from there. */
export const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const
