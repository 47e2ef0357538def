// How far a download is: a bar on a terminal, otherwise a line at each tenth; with bytes and rate.

export interface ProgressOutput {
  isTTY?: boolean
  write(text: string): unknown
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(bytes < 1e7 ? 2 : 1)

/** A bar is drawn no more often. */
const redrawSeconds = 0.1
const barWidth = 24

export class Progress {
  readonly #output: ProgressOutput
  readonly #label: string
  readonly #total: number
  readonly #now: () => number
  readonly #startedAt: number
  /** Bytes of this run: what was there before says nothing about the rate. */
  #came = 0
  #have = 0
  #reported = -1
  #drawnAt = Number.NEGATIVE_INFINITY

  /** @param now seconds */
  constructor(output: ProgressOutput, label: string, total: number, now: () => number) {
    this.#output = output
    this.#label = label
    this.#total = total
    this.#now = now
    this.#startedAt = now()
  }

  /** Bytes that an earlier run left. */
  found(bytes: number): void {
    this.#have += bytes
  }

  add(bytes: number): void {
    this.#have += bytes
    this.#came += Math.max(0, bytes)
    if (this.#output.isTTY) this.#draw(false)
    else this.#report()
  }

  end(): void {
    if (!this.#output.isTTY) return
    this.#draw(true)
    this.#output.write('\n')
  }

  get #share(): number {
    return this.#total === 0 ? 1 : this.#have / this.#total
  }

  #text(): string {
    const seconds = Math.max(this.#now() - this.#startedAt, 0.001)
    const percent = Math.floor(this.#share * 100)
    return `${this.#label}  ${percent}%  ${megabytes(this.#have)} of ${megabytes(this.#total)} MB  ${megabytes(this.#came / seconds)} MB/s`
  }

  #report(): void {
    const tenth = Math.floor(this.#share * 10)
    if (tenth <= this.#reported) return
    this.#reported = tenth
    this.#output.write(`${this.#text()}\n`)
  }

  #draw(now: boolean): void {
    if (!now && this.#now() - this.#drawnAt < redrawSeconds) return
    this.#drawnAt = this.#now()
    const full = Math.round(this.#share * barWidth)
    this.#output.write(`\r[${'#'.repeat(full)}${'.'.repeat(barWidth - full)}] ${this.#text()}\u001b[K`)
  }
}
