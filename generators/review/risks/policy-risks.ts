// Risks of the policies that are code: licences that may be served, settings that may open an engine. Each is a list of words.
import type { CodeChange } from './file-risks.ts'
import type { Risk } from './risk.ts'

const policies: Readonly<Record<string, { added: string; removed: string }>> = {
  'generators/schema/lock-policy.ts': {
    added: 'models under that licence, or with code of their own, may be served from now on',
    removed: 'models under that licence, or with code of their own, are locked no more',
  },
  'generators/schema/engine-policy.ts': {
    added: 'that model may open its engine with that setting: endpoints, code, logs of prompts',
    removed: 'that model may open its engine no more',
  },
}

export function policyRisks(changes: readonly CodeChange[]): Risk[] {
  return changes.flatMap(({ path, line, before, after }): Risk[] => {
    const texts = policies[path]
    if (texts === undefined) return []
    const [old, fresh] = [before, after].map(wordsOf)
    const came = (fresh ?? []).filter((word) => !old?.includes(word))
    const went = (old ?? []).filter((word) => !fresh?.includes(word))
    const where = `${path}:${line}`
    const shown = (words: readonly string[]) =>
      words
        .slice(0, 4)
        .map((word) => `\`${word}\``)
        .join(', ')
    if (came.length > 0)
      return [{ level: 'caution', rule: 'policy-opened', where, text: `adds ${shown(came)}: ${texts.added}.` }]
    if (went.length > 0)
      return [{ level: 'warning', rule: 'policy-closed', where, text: `drops ${shown(went)}: ${texts.removed}.` }]
    return [
      {
        level: 'caution',
        rule: 'policy-opened',
        where,
        text: 'the policy changes beside its words. Not judged here: read it.',
      },
    ]
  })
}

/** Words in quotes and names of keys; the text is code without comments. */
const wordsOf = (text: string | undefined): string[] =>
  [...(text ?? '').matchAll(/["']([^"'\n]+)["']|([\w-]+):\s*\[/g)].map(([, quoted, key]) => quoted ?? key ?? '')
