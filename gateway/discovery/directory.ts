// What the gateway knows of models, pods and tenants, and the one interface through which it learns it.

/** One model server that may be sent requests. */
export interface Endpoint {
  /** IP address or host name, without brackets. */
  address: string
  port: number
  /** False: known, but new requests go there only when no endpoint is ready (a pod that is going away still serves). */
  ready: boolean
}

/** Seconds that the parts of a start take as planned; together the cold start. */
export interface ColdStart {
  node: number
  image: number
  weights: number
  engine: number
}

/** What a pod that is not ready does now: it waits for its node, its images or its weights, or its engine loads. */
export type StartStage = 'node' | 'image' | 'weights' | 'loading'

/** Why a pod will not become ready: words from a closed set, which clients may see. */
export type StartProblem = 'capacity' | 'quota' | 'image' | 'settings' | 'weights' | 'crash'

/** The pod of a sleeping model that is nearest to being ready. */
export interface ModelStart {
  stage: StartStage
  hasWeights: boolean
  /** Of the pod, once it has one; there the fetch container says how far it is. */
  address?: string
  problem?: StartProblem
}

/** Settings of a model that the gateway needs; JSON of the annotation `slipway.dev/spec`. */
export interface ModelSpec {
  /** Tokens, prompt and answer together. */
  maxModelLen: number
  /** Most tokens of an answer; 0 for models that do not generate. */
  maxOutput: number
  /** 0: the model may sleep, and a request wakes it. */
  minReplicas: number
  /** USD per replica-hour. */
  pricePerHour: number
  affinity: 'prefix' | 'none'
  /** Of a model that may sleep, as the next. */
  coldStart?: ColdStart
  weightBytes?: number
  timeouts: { firstTokenSeconds: number }
}

export interface ModelEntry {
  /** The name that clients send and the engine serves: the model file's name. */
  name: string
  /** Hugging Face id, also accepted as a name. */
  modelId: string
  revision: string
  aliases: readonly string[]
  /** A sentence of the model's owner about it, for people. */
  description?: string
  /** Pipeline tag, for example text-generation. */
  task: string
  engine: string
  api: 'openai' | 'tei'
  /** Tenants that may use it; undefined: all. */
  tenants?: readonly string[]
  spec: ModelSpec
  endpoints: readonly Endpoint[]
  /** While no pod is ready: the one on its way, or that there is none; undefined: nobody watches pods. */
  start?: ModelStart | 'none'
  /** Why it cannot run here (local run), in words for people. */
  unavailable?: { reason: string }
  /** Seconds since 1970 when the source object was made: the `created` of /v1/models. */
  created: number
}

export interface ApiKey {
  id: string
  /** Hex SHA-256 of the whole key. */
  sha256: string
  /** Last day it is valid, YYYY-MM-DD in UTC. */
  expires: string
  /** Tokens that the key may use in total, counted per gateway pod since its start; undefined: no budget. */
  tokenBudget?: number
}

export interface Tenant {
  name: string
  /** Claims a token must have, all of them; a list means one of these values. */
  claims: Readonly<Record<string, string | readonly string[]>>
  /** Names of models it may use; undefined: all. */
  models?: readonly string[]
  limits: { requestsPerMinute: number; tokensPerMinute: number; concurrency: number }
  apiKeys: readonly ApiKey[]
  /** Its tokens with this scope see the operator’s view; undefined: none does. */
  operatorScope?: string
  /** Privileged body fields that it may send; undefined: none. */
  allowFields?: readonly string[]
}

/** Something in a source object that the gateway cannot use; the other entries stay in use. */
export interface Problem {
  /** For example Service models/gpt2 or ConfigMap gateway/tenant-research. */
  object: string
  message: string
}

/** Everything at one moment. Never changed in place: a new one replaces it. */
export interface Snapshot {
  /** By served name. */
  models: ReadonlyMap<string, ModelEntry>
  /** Served names, Hub ids and aliases to the entry; a served name wins over an id, an id over an alias. */
  names: ReadonlyMap<string, ModelEntry>
  tenants: readonly Tenant[]
  /** Ready gateway pods, at least 1: each takes its share of every quota. */
  gatewayReplicas: number
  problems: readonly Problem[]
}

export interface Directory {
  /** The newest complete state; empty until the first is there. */
  readonly snapshot: Snapshot
  /** Whether a complete state was ever read. It stays true when the source goes away. */
  readonly ready: boolean
  /** Seconds since the source was last heard; 0 while it is there. */
  staleSeconds(): number
  /** Calls back with every new snapshot, after `snapshot` holds it. */
  onChange(listener: (snapshot: Snapshot) => void): void
  /** Begins to read. Resolves at once; `ready` resolves when the first state is there. */
  start(): void
  stop(): Promise<void>
}

export const emptySnapshot: Snapshot = {
  models: new Map(),
  names: new Map(),
  tenants: [],
  gatewayReplicas: 1,
  problems: [],
}
