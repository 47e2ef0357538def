// Whether an engine's parser takes the call of a tool out of the answer. Each family of models writes calls in a form of its own, and a parser
// of another family leaves them in the text, where no client looks for them.

const name = 'report_readiness'

export const callPrompt = `Report that you are ready: call the tool ${name} now, and say nothing else.`

export const tool = {
  type: 'function',
  function: {
    name,
    description: 'Reports whether this model is ready.',
    parameters: { type: 'object', properties: { ready: { type: 'boolean' } }, required: ['ready'] },
  },
}

/** As models write calls; the name within a sentence is none. */
const forms = [
  // Hermes, Llama 3, Mistral, Granite: JSON, with any word around it.
  new RegExp(`"name"\\s*:\\s*"(?:functions\\.)?${name}"`),
  // Qwen 3 Coder, MiniMax, GLM: a tag, with the name in it or behind it.
  new RegExp(`<(?:function|invoke|tool_call)\\b[^<]{0,20}\\b${name}\\b`),
  // DeepSeek, Kimi, gpt-oss, later Mistrals: a special token, or what is left when it is not shown.
  new RegExp(`(?:[|｜]>|[｜.:\\]]|\\bfunction)${name}\\b`),
  // Llama 4, Olmo: a call as in Python, or the name and its arguments; nothing else is said.
  new RegExp(`^\\W*${name}\\s*(?:\\(|\\{|\\[ARGS\\])`),
]

export const isCall = (text: string): boolean => forms.some((form) => form.test(text))
