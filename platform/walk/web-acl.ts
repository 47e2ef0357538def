// Step 2, and again at the ALB: a web ACL’s rules in order of priority, as AWS WAF evaluates them.

import { hasCloudFront } from '../../generators/schema/edge-kinds.ts'
import { bodyLabel, type Statement, type WebAclRule } from '../edge/plan-web-acl.ts'
import type { Resource } from '../graph/graph.ts'
import { distributionOf } from './cloudfront.ts'
import { type Declared, theOnly } from './declared.ts'
import { BrokenPath, bodyBytes, type Finding, own, type Passage, type WalkAnswer, type WalkRequest } from './request.ts'

export interface Verdict {
  /** Rules that only counted. */
  counted: string[]
  /** The rule that blocked, with its answer. */
  blocked?: { rule: string; answer: WalkAnswer }
}

/** CloudFront shows WAF 16 KB by default, and the rule is about 8. */
const longBodyBytes = 8192

const findingsOf = (request: WalkRequest): readonly Finding[] =>
  bodyBytes(request) > longBodyBytes
    ? [...request.findings, { group: 'AWSManagedRulesCommonRuleSet', rule: 'SizeRestrictions_BODY' }]
    : request.findings

function matches(statement: Statement, request: WalkRequest, labels: ReadonlySet<string>): boolean {
  const { andStatement, orStatement, notStatement, labelMatchStatement, regexMatchStatement } = statement
  const { rateBasedStatement } = statement
  const holds = (inner: Statement) => matches(inner, request, labels)
  if (andStatement) return andStatement.statements.every(holds)
  if (orStatement) return orStatement.statements.some(holds)
  if (notStatement) return !holds(notStatement.statement)
  if (labelMatchStatement) return labels.has(labelMatchStatement.key)
  if (regexMatchStatement) {
    const { regexString, fieldToMatch } = regexMatchStatement
    const texts =
      'headers' in fieldToMatch
        ? fieldToMatch.headers.flatMap(({ matchPattern }) =>
            matchPattern.includedHeaders.flatMap((name) => request.headers[name] ?? []),
          )
        : [request.path]
    return texts.some((text) => new RegExp(regexString).test(text))
  }
  if (rateBasedStatement === undefined) throw new BrokenPath('a statement that the walk does not understand')
  return rateBasedStatement.limit <= request.from.earlier && holds(rateBasedStatement.scopeDownStatement)
}

/** A blocking rule ends the evaluation; one that counts leaves its label for the rules after it. */
export function evaluate(acl: Resource, request: WalkRequest): Verdict {
  const rules = (acl.inputs.rules as WebAclRule[]).toSorted((a, b) => a.priority - b.priority)
  const bodies = (acl.inputs.customResponseBodies ?? []) as { key: string; content: string; contentType: string }[]
  const labels = new Set<string>()
  const counted: string[] = []
  for (const { name, statement, action, overrideAction } of rules) {
    const group = statement.managedRuleGroupStatement
    if (group !== undefined) {
      const overridden = (group.ruleActionOverrides ?? []).map((override) => override.name)
      for (const { rule } of findingsOf(request).filter((finding) => finding.group === group.name)) {
        const blocks = !overridden.includes(rule) && overrideAction !== undefined && 'none' in overrideAction
        if (blocks) return { counted, blocked: { rule, answer: own(403, 'Request blocked.') } }
        counted.push(rule)
        labels.add(bodyLabel(group.name, rule))
      }
    } else if (matches(statement, request, labels)) {
      const { responseCode = 403, customResponseBodyKey, responseHeaders = [] } = action?.block.customResponse ?? {}
      const body = bodies.find(({ key }) => key === customResponseBodyKey)?.content ?? ''
      const headers = Object.fromEntries(responseHeaders.map((header) => [header.name, header.value]))
      return { counted, blocked: { rule: name, answer: own(responseCode, body, headers) } }
    }
  }
  return { counted }
}

export const aclOf = (declared: Declared, scope: 'CLOUDFRONT' | 'REGIONAL'): Resource =>
  theOnly(declared, 'aws:wafv2/webAcl:WebAcl', ({ inputs }) => inputs.scope === scope)

/** The one that blocks. */
export const firewallOf = (declared: Declared): Resource =>
  aclOf(declared, hasCloudFront(declared.cluster) ? 'CLOUDFRONT' : 'REGIONAL')

const counts = ({ counted }: Verdict): string => (counted.length === 0 ? '' : `; counts ${counted.join(', ')}`)

export function passWebAcl(declared: Declared, request: WalkRequest): Passage {
  const acl = aclOf(declared, 'CLOUDFRONT')
  const { name, inputs } = distributionOf(declared)
  if (inputs.webAclId !== acl.outputs.arn) throw new BrokenPath(`${name} is not behind ${acl.name}`)
  const verdict = evaluate(acl, request)
  const step = { number: 2, part: 'WAF', resource: acl.name, changes: [], timeoutSeconds: undefined }
  if (verdict.blocked !== undefined)
    return {
      step: { ...step, says: `${verdict.blocked.rule} blocks${counts(verdict)}` },
      answer: verdict.blocked.answer,
    }
  return {
    step: { ...step, says: `${(acl.inputs.rules as object[]).length} rules, none blocks${counts(verdict)}` },
    request,
  }
}
