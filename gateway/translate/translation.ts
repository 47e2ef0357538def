// Placeholder until the real one lands.
export interface Translation {
  path: string
  body: Buffer
  stream: boolean
  maxTokens?: number
  answer(b: Buffer): Buffer
  event?(data: string | undefined): string[]
}
export type ClientShape = 'tgi' | 'embed' | 'similarity' | 'classification' | 'tei-rerank' | 'cohere-rerank'
export function translate(
  _shape: ClientShape,
  _body: Buffer,
  _model: { name: string; task: string; api: 'openai' | 'tei' },
): Translation {
  throw new Error('soon')
}
export function shapeOfTask(_task: string): ClientShape | undefined {
  return undefined
}
