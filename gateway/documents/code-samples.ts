// How an example is sent: curl, Python and TypeScript without any package.

/** Apart from its brackets: this file calls nothing. */
const request = 'fetch'

/** What is sent: nothing, JSON, or a form with a file. */
export interface Sample {
  url: string
  json?: object
  form?: { model: string }
}

const python = ({ url, json, form }: Sample): string => {
  const body = json ? `data=json.dumps(${pythonOf(json)}).encode()` : form ? 'data=body' : 'data=None'
  const type = form ? 'f"multipart/form-data; boundary={boundary}"' : '"application/json"'
  const before = form
    ? `boundary = "slipway"
head = f'--{boundary}\\r\\ncontent-disposition: form-data; name="model"\\r\\n\\r\\n${form.model}\\r\\n--{boundary}\\r\\ncontent-disposition: form-data; name="file"; filename="speech.wav"\\r\\n\\r\\n'
body = head.encode() + open("speech.wav", "rb").read() + f"\\r\\n--{boundary}--\\r\\n".encode()
`
    : ''
  return `import json, os, urllib.request

${before}request = urllib.request.Request(
    "${url}",
    ${body},
    headers={"authorization": f"Bearer {os.environ['SLIPWAY_TOKEN']}", "content-type": ${type}},
)
print(urllib.request.urlopen(request).read().decode())`
}

/** JSON is Python but for three words, which no example has inside a text. */
const pythonOf = (value: object): string =>
  JSON.stringify(value).replaceAll('true', 'True').replaceAll('false', 'False').replaceAll('null', 'None')

const typeScript = ({ url, json, form }: Sample): string => {
  const imports = form ? "import { readFileSync } from 'node:fs'\n" : ''
  const before = form
    ? `const form = new FormData()
form.set('model', '${form.model}')
form.set('file', new Blob([readFileSync('speech.wav')]), 'speech.wav')
`
    : ''
  const headers = `headers: { authorization: \`Bearer \${env.SLIPWAY_TOKEN}\`${json ? ", 'content-type': 'application/json'" : ''} },`
  const body = json ? `\n  body: JSON.stringify(${JSON.stringify(json)}),` : form ? '\n  body: form,' : ''
  const method = json || form ? "\n  method: 'POST'," : ''
  return `${imports}import { env } from 'node:process'

${before}const response = await ${request}('${url}', {${method}
  ${headers}${body}
})
console.log(await response.text())`
}

const curl = ({ url, json, form }: Sample): string => {
  const head = `curl ${url} -H "authorization: Bearer $SLIPWAY_TOKEN"`
  if (form) return `${head} \\\n  -F model=${form.model} -F file=@speech.wav`
  return json ? `${head} -H 'content-type: application/json' \\\n  -d '${JSON.stringify(json)}'` : head
}

export const codeSamples = (sample: Sample): { lang: string; source: string }[] => [
  { lang: 'Shell', source: curl(sample) },
  { lang: 'Python', source: python(sample) },
  { lang: 'TypeScript', source: typeScript(sample) },
]
