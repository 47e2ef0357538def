// The bytes of a file in order, read over many connections at once and held in memory until they are used.
import type { RemoteFile } from './remote-file.ts'
import { Slots } from './slots.ts'
import { asUnavailable, mostTries, patiently, pauseAfter, Unavailable, type Wait } from './unavailable.ts'

const mebibyte = 2 ** 20

/** Shared by all files of a run, so that memory and connections have one bound. */
export class Transfer {
  readonly wait: Wait
  readonly partBytes: (fileBytes: number) => number
  readonly connections: Slots
  /** Parts in memory, from the first byte asked for until they are used. */
  readonly held: Slots

  constructor(wait: Wait, { connections = 8, partBytes = usualPartBytes } = {}) {
    this.wait = wait
    this.partBytes = partBytes
    this.connections = new Slots(connections)
    // Half as many again: a part that is slow does not stop the connections behind it.
    this.held = new Slots(Math.ceil(connections * 1.5))
  }
}

/** Small enough that all connections of a file end together, large enough that a request is little of the time. */
export const usualPartBytes = (fileBytes: number): number =>
  Math.min(8 * mebibyte, Math.max(mebibyte, Math.ceil(fileBytes / 64 / mebibyte) * mebibyte))

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
  const size = transfer.partBytes(bytes)
  const { connections, held, wait } = transfer
  const ahead: Promise<Uint8Array>[] = []
  let isOver = false
  const read = async (start: number): Promise<Uint8Array> => {
    const end = Math.min(start + size, bytes)
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
    for (let next = from; next < bytes && !isOver; next += size) {
      await held.take()
      if (isOver) return held.giveBack()
      const part = read(next)
      // It is awaited in its turn; until then nobody listens.
      part.catch(() => {})
      ahead.push(part)
      wake()
    }
  }
  let wake = (): void => {}
  void start()
  try {
    for (let next = from; next < bytes; next += size) {
      while (ahead.length === 0)
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      yield await (ahead[0] as Promise<Uint8Array>)
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
