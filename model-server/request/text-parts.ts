// The text of a content that is one text or a list of parts, whatever its API calls parts of text.
import { badRequest } from '../api-error.ts'

const textTypes = ['text', 'input_text', 'output_text']

/** @throws ApiError 400 */
export function textOfParts(content: unknown, at: string, servedName: string): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) throw badRequest(`${at} must be a text or a list of parts of text.`, at)
  return content
    .map((part: unknown) => {
      const { type, text } = (part ?? {}) as { type?: unknown; text?: unknown }
      if (typeof text === 'string' && textTypes.includes(String(type))) return text
      if (/image|audio|video|file|document/.test(String(type)))
        throw badRequest(`${servedName} is not a multimodal model`)
      throw badRequest(`${at} has a part of type ${type}; this server takes text alone.`, at)
    })
    .join('\n')
}
