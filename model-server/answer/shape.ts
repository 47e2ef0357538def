// What differs between the answers of completions and of chat: the objects of one choice and of the whole.
import type { TokenEvent, TokenText } from '../generate/sequence.ts'
import type { Counts } from './usage.ts'

/** Of every object of one answer. */
export interface AnswerHead {
  id: string
  created: number
  model: string
  fingerprint: string
}

/** One choice when it is finished. */
export interface Choice {
  index: number
  text: string
  tokens: (readonly TokenText[])[]
  finishReason: TokenEvent['finishReason']
  stopReason: TokenEvent['stopReason']
}

export interface Shape {
  whole(head: AnswerHead, choices: readonly Choice[], counts: Counts): object
  /** What comes before the first token of a choice; undefined: nothing. */
  opening(index: number): object | undefined
  /** One token. @param offset characters of the choice before it */
  delta(index: number, token: TokenEvent, text: string, offset: number): object
  chunk(head: AnswerHead, choice: object | undefined): Record<string, unknown>
  /** Usage of a chunk that is not the last. */
  chunkUsage(counts: Counts): object
}
