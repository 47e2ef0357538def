// The request of the form as code to copy. The token stays a variable: what is copied can be shown to anybody.

const variable = 'SLIPWAY_TOKEN'

export const languages = {
  curl: curlExample,
  Python: pythonExample,
  TypeScript: typescriptExample,
}

/** Calls of the official clients; the others go through their general `post`. */
const methods = {
  chat: 'chat.completions.create',
  completion: 'completions.create',
  embeddings: 'embeddings.create',
}

function curlExample(root, { path, body }) {
  const shown = JSON.stringify(body, null, 2).replaceAll("'", "'\\''")
  return [
    `curl ${body.stream ? '-N ' : ''}${root}${path} \\`,
    `  -H "authorization: Bearer $${variable}" \\`,
    '  -H "content-type: application/json" \\',
    `  -d '${shown}'`,
  ].join('\n')
}

function pythonExample(root, { mode, path, body }) {
  const client = [
    'import os',
    'from openai import OpenAI',
    '',
    `client = OpenAI(base_url="${root}/v1", api_key=os.environ["${variable}"])`,
  ]
  const method = methods[mode]
  if (method === undefined)
    return [
      ...client,
      `answer = client.post("${root}${path}", body=${python(body)}, cast_to=object)`,
      'print(answer)',
    ].join('\n')
  const fields = Object.entries(body).map(([name, value]) => `    ${name}=${python(value, 1)},`)
  const made = body.stream ? 'stream' : 'answer'
  const shown = {
    chat: ['for chunk in stream:', '    if chunk.choices:', `        ${pythonPrint('chunk.choices[0].delta.content')}`],
    completion: ['for chunk in stream:', '    if chunk.choices:', `        ${pythonPrint('chunk.choices[0].text')}`],
    embeddings: ['for row in answer.data:', '    print(row.index, row.embedding[:4])'],
  }
  return [...client, `${made} = client.${method}(`, ...fields, ')', ...shown[mode]].join('\n')
}

const pythonPrint = (text) => `print(${text} or "", end="", flush=True)`

/** JSON as Python writes it. */
function python(value, depth = 0) {
  if (value === null) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value !== 'object') return JSON.stringify(value)
  const inner = '    '.repeat(depth + 1)
  const isList = Array.isArray(value)
  const parts = isList
    ? value.map((one) => python(one, depth + 1))
    : Object.entries(value).map(([name, one]) => `${JSON.stringify(name)}: ${python(one, depth + 1)}`)
  const [open, close] = isList ? '[]' : '{}'
  const flat = `${open}${parts.join(', ')}${close}`
  if (flat.length < 60 && !flat.includes('\n')) return flat
  return `${open}\n${parts.map((part) => `${inner}${part},\n`).join('')}${'    '.repeat(depth)}${close}`
}

function typescriptExample(root, { mode, path, body }) {
  const client = [
    "import OpenAI from 'openai'",
    '',
    `const client = new OpenAI({ baseURL: '${root}/v1', apiKey: process.env.${variable} })`,
  ]
  const fields = JSON.stringify(body, null, 2).replace(/^(\s*)"([A-Za-z_]\w*)":/gm, '$1$2:')
  const method = methods[mode]
  if (method === undefined)
    return [
      ...client,
      `const answer = await client.post('${root}${path}', { body: ${fields} })`,
      'console.log(answer)',
    ].join('\n')
  const loop = (text) => [`for await (const chunk of stream) process.stdout.write(${text} ?? '')`]
  const shown = {
    chat: loop('chunk.choices[0]?.delta.content'),
    completion: loop('chunk.choices[0]?.text'),
    embeddings: ['for (const row of answer.data) console.log(row.index, row.embedding.slice(0, 4))'],
  }
  const made = body.stream ? 'stream' : 'answer'
  return [...client, `const ${made} = await client.${method}(${fields})`, ...shown[mode]].join('\n')
}
