// Token ids to text as it becomes certain: half characters wait for their other half, and what may become a stop text is held back.
import type { Tokenizer } from '../model/tokenizer.ts'

/** Is written where bytes are no character yet. */
const incomplete = '\ufffd'

/** Text of a growing list of tokens. A token’s text may depend on its neighbour, so the last certain ones are decoded again. */
export class Detokenizer {
  readonly #tokenizer: Tokenizer
  readonly #skipSpecialTokens: boolean
  /** Tokens from the beginning of the last certain piece. */
  #window: number[] = []
  #certain = ''

  constructor(tokenizer: Tokenizer, skipSpecialTokens: boolean) {
    this.#tokenizer = tokenizer
    this.#skipSpecialTokens = skipSpecialTokens
  }

  /** Tokens before the first one, whose text is not sent again. */
  begin(context: readonly number[]): void {
    this.#window = [...context]
    this.#certain = this.#decode()
  }

  /** New certain text. */
  push(id: number): string {
    this.#window.push(id)
    const text = this.#decode()
    if (text.endsWith(incomplete) || text.length < this.#certain.length) return ''
    const added = text.slice(this.#certain.length)
    this.#keep(id)
    return added
  }

  /** What is left at the end, even if it is half a character. */
  rest(): string {
    return this.#decode().slice(this.#certain.length)
  }

  /** The newest token alone is context enough for the next one. */
  #keep(id: number): void {
    this.#window = [id]
    this.#certain = this.#decode()
  }

  #decode(): string {
    return this.#tokenizer.decode(this.#window, this.#skipSpecialTokens)
  }
}

export interface Passed {
  text: string
  /** The stop text that ended the answer. */
  stop: string | undefined
}

/** Lets text through up to the first stop text. */
export class StopWatch {
  readonly #stops: readonly string[]
  readonly #includeStop: boolean
  #held = ''

  constructor(stops: readonly string[], includeStop: boolean) {
    this.#stops = stops
    this.#includeStop = includeStop
  }

  push(text: string): Passed {
    if (this.#stops.length === 0) return { text, stop: undefined }
    const all = this.#held + text
    const found = this.#first(all)
    if (found !== undefined) {
      this.#held = ''
      return { text: all.slice(0, found.at + (this.#includeStop ? found.stop.length : 0)), stop: found.stop }
    }
    const safe = all.length - this.#doubtful(all)
    this.#held = all.slice(safe)
    return { text: all.slice(0, safe), stop: undefined }
  }

  /** The answer ended in another way, so nothing more can complete a stop text. */
  rest(): string {
    const text = this.#held
    this.#held = ''
    return text
  }

  #first(text: string): { at: number; stop: string } | undefined {
    const found = this.#stops.map((stop) => ({ at: text.indexOf(stop), stop })).filter(({ at }) => at >= 0)
    return found.sort((a, b) => a.at - b.at)[0]
  }

  /** Length of the longest end of `text` that a stop text begins with. */
  #doubtful(text: string): number {
    const longest = Math.max(...this.#stops.map((stop) => stop.length)) - 1
    for (let length = Math.min(longest, text.length); length > 0; length -= 1) {
      const end = text.slice(text.length - length)
      if (this.#stops.some((stop) => stop.startsWith(end))) return length
    }
    return 0
  }
}
