// Reads a multipart/form-data body in place: where each field’s value is. Strict, so that the engine cannot read another form in it
// than the gateway did: one way to write a boundary, a header and a name, and no name twice.
import { invalidRequest, tooLarge } from '../api-error.ts'
import type { Range } from './body-scan.ts'

const mostParts = 64
/** Bytes. */
const longestHead = 4096
const longestText = 4096

/** RFC 2046: up to 70 characters. */
const boundaryPattern = /^multipart\/form-data\s*;\s*boundary=(?:"([^"\s]{1,70})"|([^\s;",]{1,70}))\s*$/i
const disposition = /^content-disposition:[ \t]*form-data((?:;[ \t]*[a-z]+="[^"\r\n]*")+)[ \t]*$/i
const parameter = /;[ \t]*([a-z]+)="([^"\r\n]*)"/gi
/** A list is sent as a name that ends so, several times. */
const listEnding = '[]'

export interface Form {
  readonly body: Buffer
  readonly fields: ReadonlyMap<string, Range>
  /** Names of files, among the fields. */
  readonly files: ReadonlySet<string>
}

/** @throws ApiError 400, 413 */
export function readForm(body: unknown, contentType: string | undefined, limit: number): Form {
  const [, quoted, plain] = boundaryPattern.exec(contentType ?? '') ?? []
  const boundary = quoted ?? plain
  if (!Buffer.isBuffer(body) || boundary === undefined)
    throw invalidRequest('A form with one boundary is required: content-type: multipart/form-data; boundary=…')
  if (body.length > limit) throw tooLarge(limit)
  const fields = new Map<string, Range>()
  const files = new Set<string>()
  const delimiter = Buffer.from(`\r\n--${boundary}`)
  let at = delimiter.length - 2
  if (body.indexOf(delimiter.subarray(2)) !== 0) throw broken('it does not begin with its boundary')
  for (let parts = 0; body.toString('latin1', at, at + 2) !== '--'; parts += 1) {
    if (parts === mostParts) throw broken(`it has more than ${mostParts} parts`)
    const head = readPartHead(body, at)
    const end = body.indexOf(delimiter, head.end)
    if (end < 0) throw broken('its last part has no end')
    if (fields.has(head.name) && !head.name.endsWith(listEnding))
      throw invalidRequest(`${head.name} is given twice.`, head.name)
    fields.set(head.name, { start: head.end, end })
    if (head.isFile) files.add(head.name)
    at = end + delimiter.length
  }
  return { body, fields, files }
}

function readPartHead(body: Buffer, at: number): { name: string; isFile: boolean; end: number } {
  const end = body.subarray(at, at + longestHead).indexOf('\r\n\r\n')
  if (end < 0 || body.toString('latin1', at, at + 2) !== '\r\n') throw broken('a part has no head')
  const lines = body.toString('utf8', at + 2, at + end).split('\r\n')
  const found = lines.flatMap((line) => disposition.exec(line)?.[1] ?? [])
  const parameters = [...(found[0] ?? '').matchAll(parameter)].map(([, key = '', value = '']) => [
    key.toLowerCase(),
    value,
  ])
  const names = parameters.flatMap(([key, value]) => (key === 'name' ? [value ?? ''] : []))
  const [name] = names
  if (found.length !== 1 || names.length !== 1 || !name) throw broken('a part has not one name')
  return { name, isFile: parameters.some(([key]) => key === 'filename'), end: at + end + 4 }
}

const broken = (what: string) => invalidRequest(`The form cannot be read: ${what}.`)

/** A short text; undefined when it is not there. @throws ApiError 400 */
export function formText({ body, fields, files }: Form, name: string): string | undefined {
  const range = fields.get(name)
  if (!range) return undefined
  if (files.has(name)) throw invalidRequest(`${name} must be a text, not a file.`, name)
  if (range.end - range.start > longestText) throw invalidRequest(`${name} is too long.`, name)
  return body.toString('utf8', range.start, range.end)
}

/** The form with another text in one field; a field that is not there is put first. */
export function withFormText({ body, fields }: Form, name: string, text: string): Buffer {
  const range = fields.get(name)
  if (range && body.toString('utf8', range.start, range.end) === text) return body
  if (range) return Buffer.concat([body.subarray(0, range.start), Buffer.from(text), body.subarray(range.end)])
  const delimiter = body.subarray(0, body.indexOf('\r\n'))
  const part = `\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${text}\r\n`
  return Buffer.concat([delimiter, Buffer.from(part), body])
}
