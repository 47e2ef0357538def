// Gives large buffers back at once. V8 frees them when it collects, and ten megabytes a body, which are no objects of its heap, make it
// collect all of it again and again: each time the others wait.

/** Smaller ones may share their memory, and cost little. */
const least = 16_384

/** Nobody may use the bytes, or a part of them, from now on: they read as empty. */
export function freeBytes(bytes: Buffer): void {
  const { buffer, byteLength } = bytes
  if (byteLength >= least && buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0)
}
