// What a translation is, and the shapes that clients may speak; the registry of them is translation.ts.

/** How one client call becomes one engine call and its answer comes back. */
export interface Translation {
  /** Constant path of the engine. */
  path: string
  /** Body for the engine. */
  body: Buffer
  /** Whether the client gets a stream. */
  stream: boolean
  /** Most tokens of the answer that were asked for; undefined when the client did not say. */
  maxTokens?: number
  /** JSON answer of the engine to JSON answer for the client. @throws TranslationError when it has another shape */
  answer(engineBody: Buffer): Buffer
  /** For streams: data of one event of the engine to data for the client; undefined at the end. */
  event?(data: string | undefined): string[]
}

export interface TranslatedModel {
  /** Served name. */
  name: string
  task: string
  api: 'openai' | 'tei'
}

export type ClientShape =
  | 'tgi'
  | 'embed'
  | 'similarity'
  | 'classification'
  | 'tei-rerank'
  | 'cohere-rerank'
  | 'cohere-rerank-v2'
  | 'score'
