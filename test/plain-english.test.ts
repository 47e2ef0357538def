// Comments, messages, settings and documents use plain words, and one word per thing: a phrase below is written in the other way.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './source-files.ts'
import { assert, describe } from './spec.ts'

interface Rule {
  not: RegExp
  write: string
  /** Found by the rule, and right by it. */
  example: string
}

const rules: Rule[] = [
  {
    not: /\bso (?:many|long|much)\b(?! (?:as|that)\b)/i,
    write: 'this many, this long, this much',
    example: 'for so long',
  },
  { not: /\b(?:told|tells?)\b(?! (?:me|us|a story)\b)/i, write: 'report, say, show, notify', example: 'is told of it' },
  { not: /\bstands?\b(?! (?:in for|for|out|alone|still)\b)(?!-)/i, write: 'is, are', example: 'a key stands here' },
  { not: /\blies\b/i, write: 'is', example: 'lies in a folder' },
  { not: /\bwhoever\b/i, write: 'a caller that, a person that', example: 'for whoever waits' },
  { not: /\bmend(?:s|ed|ing)?\b/i, write: 'fix', example: 'mend the file' },
  { not: /\bin all(?=[.,;:)’'"`]|$)/im, write: 'in total', example: 'ten in all.' },
  { not: /\bfor ever\b/i, write: 'forever', example: 'kept for ever' },
]

/** Not our prose: what a command or another program wrote, words of the demo model and of its readers, and this list. */
const notProse =
  /\/rendered\/|\/recorded\/|\.lock\.json$|^schemas\/|^package-lock\.json$|\/truth\/(?:cases|logs)|\/logs\/|^model-server\/(?:training|models)\/|^LICENSE$|^(?:test\/plain-english\.test\.ts|CONTRIBUTING\.md)$/

/** Quoted words of a user, and names that have another sense. */
const allowed = /could you tell me|tell me a story|kubernetes-stand-in|stand-ins?\b/gi

const isText = (file: string): boolean => /\.(?:ts|mjs|js|md|ya?ml|py|html|css|json)$|(?:^|\/)Dockerfile$/.test(file)

function proseFiles(): string[] {
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
  return listed.split('\n').filter((file) => {
    if (!isText(file) || notProse.test(file)) return false
    return existsSync(join(root, file)) && statSync(join(root, file)).isFile()
  })
}

/** With the last word of the line before it, where a phrase may have been broken. */
const unbroken = (line: string, before = ''): string =>
  `${/\S+\s*$/.exec(before)?.[0].trim() ?? ''} ${line.replace(/^\s*(?:\*|\/\/|#)?\s*/, '')}`

const found = (text: string): { line: number; rule: Rule; words: string }[] =>
  text.split('\n').flatMap((line, index, lines) => {
    const own = unbroken(line, lines[index - 1]).replaceAll(allowed, '')
    return rules.flatMap((rule) => {
      const hit = rule.not.exec(own)
      return hit === null ? [] : [{ line: index + 1, rule, words: hit[0].trim() }]
    })
  })

describe('plain English', (test) => {
  test('is explained in CONTRIBUTING.md by the same rules', () => {
    const [, section = ''] = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8').split('## Words\n')
    const shown = [...section.matchAll(/^\| (.+) \| (.+) \|$/gm)].map(([row]) => row).slice(1)
    assert.equal(
      shown,
      rules.map(({ write, example }) => `| ${write} | ${example} |`),
    )
  })

  for (const rule of rules)
    test(`writes “${rule.write}”, not “${rule.example}”`, () => {
      assert.ok(rule.not.test(rule.example))
      const files = proseFiles()
      assert.ok(files.length > 500, 'the prose is read')
      const hits = files.flatMap((file) =>
        found(readFileSync(join(root, file), 'utf8'))
          .filter((hit) => hit.rule === rule)
          .map(({ line, words }) => `${file}:${line} ${words}`),
      )
      assert.equal(hits, [])
    })
})
