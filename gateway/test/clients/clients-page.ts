// docs/clients.md: what each client can do, from a run of its script, and how it is set up, from the script itself.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A script's answer: by feature what a program must write for it, if that is not its usual way, or how it failed. */
export type Outcome = Readonly<Record<string, { write: string | null } | { error: string }>>

export interface Client {
  name: string
  /** Its script, below this folder. */
  script: string
  /** Requirements of its Python, where they are not those of all others. */
  requirements?: string
}

const python = (name: string, script: string, requirements?: string): Client => ({
  name,
  script: `python/${script}_python.py`,
  ...(requirements && { requirements }),
})
const npm = (name: string, script: string): Client => ({ name, script: `npm/${script}.mjs` })

const olderOpenai = 'requirements-older-openai.txt'

export const clients: readonly Client[] = [
  python('openai (Python)', 'openai'),
  npm('openai (JavaScript)', 'openai-js'),
  python('anthropic (Python)', 'anthropic'),
  npm('@anthropic-ai/sdk', 'anthropic-js'),
  python('huggingface_hub', 'hugging_face'),
  npm('@huggingface/inference', 'hugging-face-js'),
  npm('ai + @ai-sdk/openai', 'ai-sdk-openai'),
  npm('ai + @ai-sdk/openai-compatible', 'ai-sdk-openai-compatible'),
  npm('ai + @ai-sdk/anthropic', 'ai-sdk-anthropic'),
  python('LangChain (Python)', 'langchain'),
  npm('LangChain (JavaScript)', 'langchain-js'),
  python('LlamaIndex', 'llama_index', olderOpenai),
  python('LiteLLM', 'litellm'),
  python('openai-agents (Python)', 'openai_agents'),
  npm('@openai/agents', 'openai-agents-js'),
  python('Pydantic AI', 'pydantic_ai'),
  python('Instructor', 'instructor', olderOpenai),
  python('cohere (Python)', 'cohere'),
  npm('cohere-ai', 'cohere-js'),
  python('llm', 'llm'),
]

const features = [
  'chat',
  'stream',
  'tools',
  'tools in a stream',
  'typed answers',
  'responses',
  'messages',
  'token count',
  'embeddings',
  'rerank',
  'errors',
] as const

const read = (script: string): string => readFileSync(join(import.meta.dirname, script), 'utf8')

/** The lines of a script that make its client. */
function setUp(script: string): string {
  const { code } =
    /^(?:#|\/\/) The client:\n(?<code>[\s\S]*?)\n\n(?!\s*(?:import|def ))/m.exec(read(script))?.groups ?? {}
  if (code === undefined) throw new Error(`${script} does not say where its client is made`)
  return code
}

const language = (script: string): string => (script.endsWith('.py') ? 'python' : 'js')

/** @throws when a feature failed, or is none of the table's */
export function clientsPage(outcomes: ReadonlyMap<Client, Outcome>): string {
  const notes: string[] = []
  const cell = (client: Client, outcome: Outcome, feature: string): string => {
    const result = outcome[feature]
    if (result === undefined) return '–'
    if ('error' in result) throw new Error(`${client.name}, ${feature}: ${result.error}`)
    if (result.write === null) return 'works'
    notes.push(`${client.name}, ${feature}: ${result.write}`)
    return `works [${notes.length}]`
  }
  const rows = [...outcomes].map(([client, outcome]) => {
    const unknown = Object.keys(outcome).find((feature) => !(features as readonly string[]).includes(feature))
    if (unknown !== undefined) throw new Error(`${client.name}: the table has no feature “${unknown}”`)
    return `| ${[client.name, ...features.map((feature) => cell(client, outcome, feature))].join(' | ')} |`
  })
  const setUps = [...outcomes.keys()].map(
    ({ name, script }) => `### ${name}\n\n\`\`\`${language(script)}\n${setUp(script)}\n\`\`\`\n`,
  )
  return `<!-- Generated from a run: UPDATE_CLIENTS=1 npm run test:clients -- table -->
# Clients

What clients of others do with this gateway. \`npm run test:clients\` runs each feature with the newest release that is
pinned in [gateway/test/clients](../gateway/test/clients) and compares this table with what came of it. “–”: the client has no such call.

| client | ${features.join(' | ')} |
|---|${features.map(() => '---').join('|')}|
${rows.join('\n')}

- **typed answers**: the client gives the answer as an object of a schema. **errors**: a model that does not exist is the client’s own error.
- **responses** and **messages** are the APIs of [OpenAI](https://platform.openai.com/docs/api-reference/responses) and
  [Anthropic](https://docs.anthropic.com/en/api/messages); nothing is stored between requests.

## What to write

${notes.map((note, index) => `${index + 1}. ${note}`).join('\n')}

## Setting up

\`URL\` is the gateway’s address, such as \`https://models.example.com\`; \`KEY\` an [API key](how-to/keys.md) or a token. Models are named as in
\`apps/models\`; here they are \`writer\`, \`embedder\` and \`ranker\`.
Where the HTTP API alone is in front (\`edge.kind: api\`) \`KEY\` is a token, nothing streams, and no answer takes longer than 27 s.

${setUps.join('\n')}`
}
