// Makes one file of the console's modules, so that a page is loaded with few requests: without a build step, since the gateway runs
// from source too. Only the forms of import and export that the console has are known; another one stops the start.
import { hash } from 'node:crypto'
import { basename } from 'node:path'

const importLine = /^import (\{[^}]+\}) from '\.\/([\w-]+\.js)'$/gm
const exportWord = /^export (?=(?:async )?(?:function|class|const)\b)/gm
const exported = /^export (?:async )?(?:function\*?|class|const) (\w+)/gm

const variableOf = (file: string): string => `$${basename(file, '.js').replaceAll('-', '_')}`

/** Each module in a function of its own, after those that it imports. @throws when one has a form that is not known */
export function joinModules(sources: ReadonlyMap<string, string>, entry: string): string {
  const joined: string[] = []
  const begun = new Set<string>()
  const add = (file: string): void => {
    if (begun.has(file)) return
    begun.add(file)
    const source = sources.get(file)
    if (source === undefined) throw new Error(`the console has no ${file}`)
    for (const [, , other = ''] of source.matchAll(importLine)) add(other)
    const names = [...source.matchAll(exported)].map(([, name]) => name)
    const body = source
      .replaceAll(importLine, (_line, imported: string, other: string) => `const ${imported} = ${variableOf(other)}`)
      .replaceAll(exportWord, '')
    if (/^(?:import|export)\b/m.test(body)) throw new Error(`${file} imports or exports in a form that is not known`)
    joined.push(`const ${variableOf(file)} = (() => {\n${body}\nreturn { ${names.join(', ')} }\n})()`)
  }
  add(entry)
  return `${joined.join('\n')}\n`
}

/** app.js → app-1a2b3c4d5e6f.js */
export const hashedName = (name: string, body: string | Buffer): string =>
  name.replace(/\.(?=\w+$)/, `-${hash('sha256', body).slice(0, 12)}.`)
