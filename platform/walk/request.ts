// A request on its way, what each step says about it, and the answer that comes back.

/** A rule of a managed group that would match, as AWS names both. */
export interface Finding {
  group: string
  rule: string
}

export interface WalkRequest {
  method: string
  /** Without query. */
  path: string
  /** The name that the client asked, which decides where the request enters. */
  host: string
  /** By lower-case name. */
  headers: Readonly<Record<string, string>>
  body: string | undefined
  /** Left out: TLS at 443. */
  plainHttp?: true
  /** Where it comes from. `earlier`: requests of this address and this kind in the window of the rate rules. */
  from: { address: string; country: string; earlier: number }
  /** What the firewall’s rules find in it, as far as its size does not say so already. */
  findings: readonly Finding[]
  /** Time that the model server takes. */
  modelSeconds: number
}

export interface WalkAnswer {
  status: number
  /** By lower-case name. */
  headers: Readonly<Record<string, string>>
  body: string
  /** When each piece of the body came, in ms after the request; empty when nobody was asked for real. */
  arrivals: readonly number[]
}

/** One of the nine steps, as it is printed. */
export interface Step {
  number: number
  part: string
  /** Name in the Pulumi program, or `Kind namespace/name` in the rendered folder. */
  resource: string
  /** What it found and decided. */
  says: string
  /** Header changes: `+name`, `-name`, `=name` for a value that is replaced. */
  changes: readonly string[]
  /** How long it waits for what comes behind it. */
  timeoutSeconds: number | undefined
}

/** A step passes the request on, perhaps changed, or answers it. */
export type Passage = { step: Step; request: WalkRequest } | { step: Step; answer: WalkAnswer }

/** The declared resources do not lead on: a mistake in the platform or in what was rendered. */
export class BrokenPath extends Error {
  override name = 'BrokenPath'
}

export const bodyBytes = ({ body }: WalkRequest): number => (body === undefined ? 0 : Buffer.byteLength(body))

/** What a client sees whose packets nobody takes. */
export const unreachable: WalkAnswer = { status: 0, headers: {}, body: '', arrivals: [] }

/** An answer that a step makes itself. */
export const own = (status: number, body: string, headers: Record<string, string> = {}): WalkAnswer => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body,
  arrivals: [],
})
