// How many of WAF’s capacity units (WCU) rules take. Pure; the figures are AWS’s own.
import type { ManagedGroup, Statement, WebAclRule } from './plan-web-acl.ts'

/** What the base price of a web ACL covers; more costs extra, and 5,000 is the end. */
export const includedCapacity = 1500

/** https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html, read 2026-11-27. */
const groupCapacity: Record<ManagedGroup, number> = {
  AWSManagedRulesAmazonIpReputationList: 25,
  AWSManagedRulesCommonRuleSet: 700,
  AWSManagedRulesSQLiRuleSet: 200,
  AWSManagedRulesKnownBadInputsRuleSet: 200,
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)

/**
 * https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statements-match.html, read 2026-11-27. An upper bound: the
 * transformation NONE is counted like the others. Combining statements costs nothing.
 */
const costs: { [Kind in keyof Statement]-?: (statement: NonNullable<Statement[Kind]>) => number } = {
  managedRuleGroupStatement: ({ name }) => groupCapacity[name],
  rateBasedStatement: ({ scopeDownStatement }) => 2 + statementCapacity(scopeDownStatement),
  labelMatchStatement: () => 1,
  regexMatchStatement: ({ textTransformations }) => 3 + 10 * textTransformations.length,
  andStatement: ({ statements }) => sum(statements.map(statementCapacity)),
  orStatement: ({ statements }) => sum(statements.map(statementCapacity)),
  notStatement: ({ statement }) => statementCapacity(statement),
}

/** Throws on a statement whose cost is not known: it must not count as nothing. */
function statementCapacity(statement: Statement): number {
  return sum(
    Object.entries(statement).map(([kind, content]) => {
      const cost = (costs as Record<string, ((content: unknown) => number) | undefined>)[kind]?.(content)
      if (cost === undefined || !Number.isFinite(cost)) throw new Error(`what does ${JSON.stringify(statement)} cost?`)
      return cost
    }),
  )
}

export const webAclCapacity = (rules: readonly WebAclRule[]): number =>
  sum(rules.map(({ statement }) => statementCapacity(statement)))
