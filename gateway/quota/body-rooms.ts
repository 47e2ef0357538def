// Memory of large bodies, given back at once and used again. V8 frees it when it collects, and ten megabytes a body, which are no
// objects of its heap, make it collect all of that again and again: each time the others wait.

/** Smaller ones may share their memory, and cost little. */
const least = 16_384
/** Sizes of rooms are multiples of it, so that one fits another body, too. */
const step = 131_072
/** Most that is kept for the next bodies: six of the largest of a chat. */
const mostKept = 67_108_864
/** How long it is kept after the last body: a client that sends the next one soon does not make V8 collect anew. */
const keptMs = 60_000

/** Gives memory back to the system. */
function freeBytes({ buffer, byteLength }: Buffer): void {
  if (byteLength >= least && buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0)
}

/**
 * Rooms for bodies that are put together as they come. Without them four connections that send ten megabytes again and again raise and
 * lower what V8 counts by forty, and it collects five times a second.
 */
export class BodyRooms {
  /** Not in use, the one used last at the end. */
  readonly #kept: ArrayBuffer[] = []
  readonly #own = new WeakSet<ArrayBufferLike>()
  #keptBytes = 0
  readonly #timer: NodeJS.Timeout

  constructor(ms = keptMs) {
    this.#timer = setTimeout(() => this.#drop(0), ms).unref()
  }

  /** Room for this many bytes or more; what is in it is not defined. */
  take(bytes: number): Buffer {
    const fitting = this.#kept.findLastIndex(({ byteLength }) => byteLength >= bytes && byteLength <= 2 * bytes + step)
    const [kept] = fitting < 0 ? [] : this.#kept.splice(fitting, 1)
    this.#keptBytes -= kept?.byteLength ?? 0
    const room = kept ?? Buffer.allocUnsafeSlow(Math.ceil(bytes / step) * step).buffer
    this.#own.add(room)
    return Buffer.from(room)
  }

  /** Takes a room back, or frees other bytes. Nobody may use them, or a part of them, from now on: they read as empty. */
  give(bytes: Buffer): void {
    const { buffer } = bytes
    if (!(buffer instanceof ArrayBuffer && this.#own.delete(buffer))) {
      freeBytes(bytes)
      return
    }
    // The memory is that of a new buffer now: what still holds the old one can neither read nor change the next body.
    const kept = buffer.transfer()
    this.#kept.push(kept)
    this.#keptBytes += kept.byteLength
    this.#drop(mostKept)
    this.#timer.refresh()
  }

  #drop(most: number): void {
    while (this.#keptBytes > most) {
      const oldest = this.#kept.shift()
      this.#keptBytes -= oldest?.byteLength ?? 0
      oldest?.transfer(0)
    }
  }
}
