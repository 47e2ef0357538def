// A stream of random numbers of its own for each answer, so that a seed gives the same one whatever else is running.

/** Numbers in [0, 1). */
export type Random = () => number

/** sfc32, a small generator with 128 bits of state (Chris Doty-Humphrey, PractRand), started from a seed. */
export function seeded(seed: number): Random {
  // Both halves count: clients send seeds of 53 bits and more, and negative ones.
  let a = seed | 0
  let b = Math.floor(seed / 2 ** 32) | 0
  let c = 0x9e3779b9 | 0
  let counter = 1
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    c |= 0
    return (sum >>> 0) / 2 ** 32
  }
  // The first numbers of neighbouring seeds are alike.
  for (let round = 0; round < 15; round += 1) next()
  return next
}
