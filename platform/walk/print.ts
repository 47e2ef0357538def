// A walk as text for a terminal of 80 columns.
import { type Case, endsAsExpected } from './cases.ts'
import type { Step } from './request.ts'
import type { Walked } from './walk.ts'

const columns = 80
const indent = 6

/** Words over lines that begin at `indent`. */
function wrap(text: string): string[] {
  const lines = ['']
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? ''
    if (line !== '' && indent + line.length + 1 + word.length > columns) lines.push(word)
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
  }
  return lines.map((line) => ' '.repeat(indent) + line)
}

function stepLines({ number, part, resource, says, changes, timeoutSeconds }: Step): string[] {
  const waits = timeoutSeconds === undefined ? '' : `  waits ${timeoutSeconds} s`
  const head = `  ${number}  ${part.padEnd(12)} ${resource}${waits}`
  const headers = changes.length === 0 ? '' : `; headers ${changes.join(', ')}`
  return [head, ...wrap(`${says}${headers}`)]
}

const answered = (status: number, by: string): string =>
  status === 0 ? `no connection (${by})` : `${status} from ${by}`

function answerLine(walked: Walked, one: Case): string {
  const { answer, answeredBy } = walked
  const pieces =
    answer.arrivals.length < 2 ? '' : `, ${answer.arrivals.length} pieces over ${spanOf(answer.arrivals)} ms`
  const verdict = endsAsExpected(walked, one)
    ? 'as it must be'
    : `BUT MUST BE ${answered(one.expected.status, one.expected.by)}`
  return `  => ${answered(answer.status, answeredBy)}${pieces}, ${verdict}`
}

const spanOf = (arrivals: readonly number[]): number => Math.round((arrivals.at(-1) ?? 0) - (arrivals[0] ?? 0))

export function caseText(one: Case, walked: Walked): string {
  const { name, sentence, request } = one
  return [
    `${name}: ${sentence}`,
    `  ${request.method} ${request.plainHttp ? 'http' : 'https'}://${request.host}${request.path}`,
    ...walked.steps.flatMap(stepLines),
    answerLine(walked, one),
    '',
    '',
  ].join('\n')
}
