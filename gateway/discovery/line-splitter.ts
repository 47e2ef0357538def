// Lines of a watch, whatever pieces they arrive in.

export class LineSplitter {
  readonly #limit: number
  #rest: Buffer[] = []
  #length = 0

  /** @param limit most bytes of a line */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** Whole lines without their ends; empty ones are left out. @throws Error when a line is too long */
  push(part: Buffer): string[] {
    const lines: string[] = []
    let start = 0
    for (let end = part.indexOf(0x0a); end >= 0; end = part.indexOf(0x0a, start)) {
      this.#rest.push(part.subarray(start, end))
      const line = Buffer.concat(this.#rest).toString('utf8').trim()
      if (line !== '') lines.push(line)
      this.#rest = []
      this.#length = 0
      start = end + 1
    }
    if (start < part.length) {
      this.#rest.push(part.subarray(start))
      this.#length += part.length - start
      if (this.#length > this.#limit) throw new Error(`a line is longer than ${this.#limit} bytes`)
    }
    return lines
  }
}
