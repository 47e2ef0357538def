// Which changes of an IAM or resource policy allow more than before.
import type { LeafChange } from '../leaves.ts'
import type { InputRule, ResourceFinding } from './input-rule.ts'

export const policies: InputRule[] = [
  { path: /^(?:policy|assumeRolePolicy|inlinePolicies)/, judge: (field) => policyChange(field) },
]

/** Texts of policies are compared inside; what comes allows more unless it denies or is a condition. */
function policyChange({ path, before, after }: LeafChange): ResourceFinding {
  const grants =
    /\.(?:Action|Resource|Principal|NotAction|NotResource|Service|AWS)\b/.test(path) ||
    /Statement\[[^\]]*\]$/.test(path)
  const wider = /Condition/.test(path)
    ? after === undefined || before !== undefined
    : after !== undefined && !/"?Effect"?: Deny/.test(after)
  const what = path.replace(/^\w+\./, '')
  if ((grants || /Condition|Effect/.test(path)) && wider)
    return [
      'caution',
      'iam-wider',
      `\`${what}\` allows more: ${after === undefined ? 'a condition goes' : short(after)}`,
    ]
  return ['warning', 'iam-narrower', `\`${what}\` allows something else, or less`]
}

const short = (text: string): string => {
  const plain = text.replaceAll('`', '’')
  return `\`${plain.length <= 80 ? plain : `${plain.slice(0, 79)}…`}\``
}
