// .github/audit-exceptions.yaml: advisories that do no harm here, with the reason and the last day on which that is taken for true.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml'
import { today } from '../../generators/command-line/day.ts'

export interface Exception {
  advisory: string
  package: string
  until: string
  reason: string
  /** `file:line:column`. */
  place: string
}

const file = '.github/audit-exceptions.yaml'
const fields = ['advisory', 'package', 'until', 'reason'] as const

export function readExceptions(root: string): { exceptions: Exception[]; problems: string[] } {
  const lines = new LineCounter()
  const { contents, errors } = parseDocument(readFileSync(join(root, file), 'utf8'), { lineCounter: lines })
  const placeOf = (offset: number): string => {
    const { line, col } = lines.linePos(offset)
    return `${file}:${line}:${col}`
  }
  const [error] = errors
  if (error) return { exceptions: [], problems: [`${placeOf(error.pos[0])} ${error.message.split('\n')[0]}`] }
  const exceptions: Exception[] = []
  const problems: string[] = []
  if (!isSeq(contents)) return { exceptions, problems: [`${file}:1:1 is no list: write [] when there is none`] }
  for (const item of contents.items) {
    const place = placeOf((item as { range?: [number] }).range?.[0] ?? 0)
    const value = (name: string): string => {
      const one = isMap(item) ? item.get(name, true) : undefined
      return isScalar(one) && typeof one.value === 'string' ? one.value.trim() : ''
    }
    const [advisory, name, until, reason] = fields.map(value) as [string, string, string, string]
    const missing = fields.filter((field) => value(field) === '')
    if (missing.length > 0) problems.push(`${place} lacks ${missing.join(', ')}: write each as text`)
    else if (!/^\d{4}-\d{2}-\d{2}$/.test(until)) problems.push(`${place} until is no day: write YYYY-MM-DD`)
    else if (until < today())
      problems.push(`${place} ${advisory} was excepted until ${until}: look again, update or remove it`)
    else exceptions.push({ advisory, package: name, until, reason, place })
  }
  return { exceptions, problems }
}
