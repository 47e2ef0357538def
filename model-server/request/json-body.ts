// Bytes to JSON, with the words of Python's parser where they are not JSON.
import { ApiError } from '../api-error.ts'
import { validationError } from './fields.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** @throws ApiError 400 */
export function parseJson(body: Uint8Array): unknown {
  if (body.length === 0) return undefined
  let text: string
  try {
    text = utf8.decode(body)
  } catch {
    // vLLM answers {"detail": …} here; the shape of all other errors serves clients better.
    throw new ApiError({
      status: 400,
      message: 'There was an error parsing the body: it is not UTF-8.',
      type: 'Bad Request',
      param: 'body',
    })
  }
  try {
    return JSON.parse(text)
  } catch (error) {
    const { at, reason } = whereBroken(text, error as SyntaxError)
    throw validationError([
      {
        type: 'json_invalid',
        location: `body.${at}`,
        message: 'JSON decode error',
        input: {},
        context: `'error': ${reason.includes("'") ? `"${reason}"` : `'${reason}'`}`,
      },
    ])
  }
}

/** The parser's position where it gives one, and Python's name for the commonest mistakes. */
function whereBroken(text: string, { message }: SyntaxError): { at: number; reason: string } {
  const position = /at position (\d+)/.exec(message)?.[1]
  const at = position === undefined ? text.length : Number(position)
  if (/double-quoted property name|property name or '}'/.test(message) || endsInObject(message, text))
    return { at, reason: 'Expecting property name enclosed in double quotes' }
  if (/':' after property name/.test(message)) return { at, reason: "Expecting ':' delimiter" }
  if (/',' or '[\]}]' after/.test(message)) return { at, reason: "Expecting ',' delimiter" }
  if (/non-whitespace character after JSON/.test(message)) return { at, reason: 'Extra data' }
  if (/control character/.test(message)) return { at, reason: 'Invalid control character at' }
  if (/Unterminated string/.test(message))
    return { at: text.lastIndexOf('"'), reason: 'Unterminated string starting at' }
  return { at, reason: 'Expecting value' }
}

const endsInObject = (message: string, text: string): boolean =>
  /end of JSON input/.test(message) && /[{,]\s*$/.test(text) && !/\[[^{]*$/.test(text)
