// What each family of routes answers when it refuses or fails.
import { full, text, textOrNull } from './schema-words.ts'

export const errorSchemas: Readonly<Record<string, object>> = {
  openai: full({ error: full({ message: text, type: text, param: textOrNull, code: textOrNull }) }),
  huggingface: full({ error: text, error_type: text }),
  anthropic: full({ type: { type: 'string', const: 'error' }, error: full({ type: text, message: text }) }),
}
