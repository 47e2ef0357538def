// Bytes for several sockets leave together at the end of one turn of the event loop. A write wakes its reader; on a
// busy machine the reader then takes the processor for a single message. Written together, many messages cost one change.

/** Something whose written bytes wait for the batch. */
export interface PendingWrite {
  /** Hands them to the kernel. */
  leave(): void
}

/** This many at most wait for one another. */
const most = 32

/** Largest number of bytes that are worth a copy, to leave in one piece with what comes before them. */
export const smallWrite = 16_384

let batch: PendingWrite[] = []

/** `one` leaves with the others of this turn; once for each call. */
export function joinBatch(one: PendingWrite): void {
  batch.push(one)
  if (batch.length === 1) setImmediate(leaveAll)
  else if (batch.length === most) queueMicrotask(leaveAll)
}

function leaveAll(): void {
  const leaving = batch
  batch = []
  let left = 0
  try {
    for (const one of leaving) {
      left += 1
      one.leave()
    }
  } finally {
    // A mistake in one must not hold the others back.
    for (const one of leaving.slice(left)) joinBatch(one)
  }
}
