// How API keys look: those that `npm run key` makes, and what any other key must be to be accepted.
import { randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'

export const apiKeyPrefix = 'sk-'

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
/** 32 bytes are at most 43 digits of base 62. */
const secretBytes = 32
const secretLength = 43
const shape = /^(sk-[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?-[0-9A-Za-z]{43})-([0-9a-f]{8})$/

/** A new key: `sk-<tenant>-<43 base62 characters>-<CRC-32 of all before it>`. */
export function makeApiKey(tenant: string, random: Uint8Array = randomBytes(secretBytes)): string {
  if (random.length !== secretBytes) throw new Error(`an API key needs ${secretBytes} random bytes`)
  let rest = BigInt(`0x${Buffer.from(random).toString('hex')}`)
  let secret = ''
  for (let index = 0; index < secretLength; index++) {
    secret = digits[Number(rest % 62n)] + secret
    rest /= 62n
  }
  const body = `${apiKeyPrefix}${tenant}-${secret}`
  return `${body}-${checksum(body)}`
}

/** Whether it is a whole key of `makeApiKey`: keys that were cut off or mistyped give another error than unknown ones. */
export function looksLikeApiKey(text: string): boolean {
  const [, body = '', sum] = shape.exec(text) ?? []
  return sum !== undefined && checksum(body) === sum
}

const checksum = (text: string): string => crc32(text).toString(16).padStart(8, '0')

/** Bits. Sixteen random bytes have more in hexadecimal and in base64; a word with a number has less. */
const leastSpread = 72
const leastLength = 20
/** Characters that are looked at: a long text must not cost more to refuse. */
const mostCounted = 256

/**
 * Whether a key of any form is long and mixed enough not to be guessed: its hash is in Git, and a reader of Git could try words. What
 * counts is how evenly its characters are spread; repetitions count once.
 */
export function isHardToGuess(key: string): boolean {
  if (key.length < leastLength) return false
  const beginning = key.slice(0, mostCounted)
  const part = beginning.slice(0, periodOf(beginning))
  const counts = new Map<string, number>()
  for (const character of part) counts.set(character, (counts.get(character) ?? 0) + 1)
  let bits = 0
  for (const count of counts.values()) bits -= count * Math.log2(count / part.length)
  return bits >= leastSpread
}

/** Length of the shortest beginning that, repeated, makes the text. */
function periodOf(text: string): number {
  let period = 1
  while (!text.startsWith(text.slice(period))) period += 1
  return period
}
