// Placeholder until the real one lands.
export function errorForShape(
  family: 'openai' | 'huggingface',
  error: { status: number; message: string; type: string; code: string; param: string | null },
): string {
  if (family === 'openai')
    return JSON.stringify({ error: { message: error.message, type: error.type, param: error.param, code: error.code } })
  return JSON.stringify({
    error: error.message,
    error_type: error.status === 429 ? 'overloaded' : error.status < 500 ? 'validation' : 'generation',
  })
}
