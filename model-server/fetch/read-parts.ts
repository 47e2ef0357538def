// The bytes of a file in order, read over many connections at once and held in memory until they are used.
import type { RemoteFile } from './remote-file.ts'
import { Slots } from './slots.ts'
import { asUnavailable, mostTries, patiently, pauseAfter, Unavailable, type Wait } from './unavailable.ts'

const mebibyte = 2 ** 20

/** Shared by all files of a run, so that memory and connections have one bound. */
export class Transfer {
  readonly wait: Wait
  readonly partBytes: PartBytes
  readonly connections: Slots
  /** Parts in memory, from the first byte asked for until they are used. */
  readonly held: Slots

  constructor(wait: Wait, { connections = 8, partBytes = shrinking(connections) }: TransferOptions = {}) {
    this.wait = wait
    this.partBytes = partBytes
    this.connections = new Slots(connections)
    // Twice as many: parts of one size end together, and each connection goes on while they are hashed and written.
    this.held = new Slots(2 * connections)
  }
}

interface TransferOptions {
  connections?: number
  partBytes?: PartBytes
}

/** Size of the next part. */
type PartBytes = (fileBytes: number, leftBytes: number) => number

/** A request is little of a large part’s time; towards the end parts get smaller, so that all connections end together. */
export const shrinking =
  (connections: number): PartBytes =>
  (_, leftBytes) =>
    Math.min(8 * mebibyte, Math.max(mebibyte, Math.ceil(leftBytes / (2 * connections))))

export interface Reading {
  name: string
  bytes: number
  /** Where to begin. */
  from: number
  open(): Promise<RemoteFile>
}

/** In order. A part is let go when the next one is asked for. @throws UserMistake, Unavailable after some tries */
export async function* readParts(reading: Reading, transfer: Transfer): AsyncGenerator<Uint8Array> {
  if (reading.from === reading.bytes) return
  const file = await patiently(reading.open, transfer.wait)
  if (file.stream === undefined) yield* ranges(reading, file, transfer)
  else yield* streamed(reading, file.stream, transfer)
}

async function* ranges({ name, bytes, from }: Reading, file: RemoteFile, transfer: Transfer) {
  const { connections, held, partBytes, wait } = transfer
  const ahead: Promise<Uint8Array>[] = []
  let isOver = false
  const read = async (start: number, end: number): Promise<Uint8Array> => {
    await connections.take()
    try {
      return await patiently(
        () => file.read(start, end).catch((error: unknown) => Promise.reject(asUnavailable(name, error))),
        wait,
      )
    } finally {
      connections.giveBack()
    }
  }
  const start = async (): Promise<void> => {
    for (let next = from; next < bytes && !isOver; ) {
      await held.take()
      if (isOver) return held.giveBack()
      const end = Math.min(bytes, next + partBytes(bytes, bytes - next))
      const part = read(next, end)
      next = end
      // It is awaited in its turn; until then nobody listens.
      part.catch(() => {})
      ahead.push(part)
      wake()
    }
  }
  let wake = (): void => {}
  void start()
  try {
    for (let have = from; have < bytes; ) {
      while (ahead.length === 0)
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      const part = await (ahead[0] as Promise<Uint8Array>)
      have += part.length
      yield part
      ahead.shift()
      held.giveBack()
    }
  } finally {
    isOver = true
    for (const part of ahead) void part.catch(() => {}).then(() => held.giveBack())
  }
}

/** Such a source holds its own bytes back; when it breaks off, it goes on where it was. */
async function* streamed(
  { name, bytes, from }: Reading,
  stream: NonNullable<RemoteFile['stream']>,
  { wait }: Transfer,
) {
  let have = from
  for (let broken = 0; have < bytes; ) {
    try {
      for await (const chunk of stream(have)) {
        have += chunk.length
        if (have > bytes) throw new Error(`more than ${bytes} bytes came`)
        broken = 0
        yield chunk
      }
      if (have < bytes) throw new Error(`broken off after ${have} of ${bytes} bytes`)
    } catch (error) {
      const passing = asUnavailable(name, error)
      broken += 1
      if (!(passing instanceof Unavailable) || broken === mostTries) throw passing
      await wait(pauseAfter(passing, broken))
    }
  }
}
