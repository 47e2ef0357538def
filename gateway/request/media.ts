// What media in a request cost: models turn them into tokens by their size as pictures or their length as sound, not by their bytes.
import type { Range } from './body-scan.ts'

/** Base64 of this much is read to find how large a picture is; cameras write other things before that. */
const headerBytes = 65_536
/** A picture whose size is not found: about 1000 × 1000. */
const unknownPicture = 1300
/** Qwen2.5-VL: a token for each square of 28 pixels, 4 to 16384 of them. Other models take fewer. */
const square = 28
const mostOfPicture = 16_384
/** Qwen2-Audio makes 25 tokens of a second; a second of MP3 is about 16 kB, one of WAV at 16 kHz 32 kB. */
const tokensPerSecond = 25
const bytesPerSecond: Readonly<Record<string, number>> = { 'audio/wav': 32_000, 'audio/x-wav': 32_000 }
const usualBytesPerSecond = 16_000
/** A second of video is about 125 kB; two of its pictures are looked at, of a few hundred tokens each. */
const videoTokensPerByte = 600 / 125_000

/** Tokens of a `data:` URL; `range` is its JSON string. */
export function mediaTokens(body: Buffer, { start, end }: Range): number {
  const head = body.toString('latin1', start + 1, Math.min(end, start + 128))
  const comma = head.indexOf(',')
  const [, type = ''] = /^data:([\w.+-]+\/[\w.+-]+)/.exec(head) ?? []
  const bytes = ((end - start - comma) * 3) / 4
  if (comma > 0 && type.startsWith('image/')) return pictureTokens(body, start + 1 + comma + 1, end)
  if (type.startsWith('audio/'))
    return Math.ceil((bytes / (bytesPerSecond[type] ?? usualBytesPerSecond)) * tokensPerSecond)
  if (type.startsWith('video/')) return Math.ceil(bytes * videoTokensPerByte)
  return Math.ceil((end - start) / 4)
}

function pictureTokens(body: Buffer, start: number, end: number): number {
  const size = sizeOf(Buffer.from(body.toString('latin1', start, Math.min(end, start + headerBytes)), 'base64'))
  if (!size) return unknownPicture
  return Math.min(mostOfPicture, Math.max(4, Math.ceil(size.width / square) * Math.ceil(size.height / square)))
}

interface Size {
  width: number
  height: number
}

/** Of PNG, GIF, WebP and JPEG, from the beginning of the file. */
function sizeOf(file: Buffer): Size | undefined {
  if (file.length < 30) return undefined
  const magic = file.toString('latin1', 0, 4)
  if (magic === '\x89PNG') return { width: file.readUInt32BE(16), height: file.readUInt32BE(20) }
  if (magic === 'GIF8') return { width: file.readUInt16LE(6), height: file.readUInt16LE(8) }
  if (magic === 'RIFF') return webpSize(file)
  return magic.startsWith('\xff\xd8') ? jpegSize(file) : undefined
}

function webpSize(file: Buffer): Size | undefined {
  const kind = file.toString('latin1', 12, 16)
  if (kind === 'VP8X') return { width: file.readUIntLE(24, 3) + 1, height: file.readUIntLE(27, 3) + 1 }
  if (kind === 'VP8 ') return { width: file.readUInt16LE(26) & 0x3fff, height: file.readUInt16LE(28) & 0x3fff }
  if (kind !== 'VP8L') return undefined
  const bits = file.readUInt32LE(21)
  return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 }
}

/** From segment to segment, to the one that begins a frame. */
function jpegSize(file: Buffer): Size | undefined {
  for (let at = 2; at + 9 < file.length && file[at] === 0xff; at += 2 + file.readUInt16BE(at + 2)) {
    const marker = file[at + 1] as number
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
    if (isFrame) return { width: file.readUInt16BE(at + 7), height: file.readUInt16BE(at + 5) }
  }
  return undefined
}
