// Which changes of a web ACL let requests through that were refused, or the other way round.
import type { LeafChange } from '../leaves.ts'
import { type InputRule, lower, number, type ResourceFinding, says } from './input-rule.ts'

const webAclRule = (path: string): string => /^rules\[([^\]]+)\]/.exec(path)?.[1] ?? 'a rule'

const firewallRules: Pick<InputRule, 'path' | 'judge'>[] = [
  {
    path: /^rules\[[^\]]+\]$/,
    judge: ({ path, after }) =>
      after === undefined
        ? ['caution', 'waf-weaker', `rule ${webAclRule(path)} goes: what it refused passes`]
        : ['warning', 'waf-stricter', `rule ${webAclRule(path)} is new: requests may be refused`],
  },
  { path: /\.(?:action|overrideAction|actionToUse)(?:\.|$)/, judge: (field) => firewallAction(field) },
  {
    path: /ruleActionOverrides/,
    judge: ({ path, after }) => [
      after === undefined ? 'warning' : 'caution',
      after === undefined ? 'waf-stricter' : 'waf-weaker',
      `rules of ${webAclRule(path)} ${after === undefined ? 'count no longer, they act' : 'only count, or act otherwise'}`,
    ],
  },
  {
    path: /rateBasedStatement\.limit$/,
    judge: ({ path, before, after }) => [
      number(after) > number(before) ? 'caution' : 'warning',
      number(after) > number(before) ? 'waf-weaker' : 'waf-stricter',
      `rule ${webAclRule(path)} refuses at ${after} requests instead of ${before}`,
    ],
  },
  {
    path: /rateBasedStatement\.evaluationWindowSec$/,
    judge: lower('caution', 'waf-weaker', 'a rate is counted over fewer seconds'),
  },
  { path: /^defaultAction/, judge: says('caution', 'waf-weaker', () => 'what no rule matches is treated otherwise') },
  {
    path: /^dataProtectionConfig/,
    judge: says('caution', 'waf-logs', () => 'headers, queries or bodies may get into the logs'),
  },
  {
    path: /\.statement/,
    judge: says('caution', 'waf-weaker', ({ path }) => `rule ${webAclRule(path)} matches other requests`),
  },
]

export const firewall = firewallRules.map((rule): InputRule => ({ ...rule, types: /wafv2\/webAcl:/ }))

/** An action is a map with one key, so that Block → Count is one key that goes and one that comes. */
function firewallAction({ path, before, after }: LeafChange): ResourceFinding | undefined {
  const key = /\.(block|count|allow|none|captcha|challenge)(?:\.|$)/.exec(path)?.[1]
  const name = webAclRule(path)
  const strong = key === 'block' || key === 'none'
  if (key === undefined || key === 'captcha' || key === 'challenge')
    return ['caution', 'waf-weaker', `rule ${name} acts otherwise`]
  if (before !== undefined && after !== undefined) return undefined
  if (strong)
    return after === undefined
      ? ['caution', 'waf-weaker', `rule ${name} refuses nothing any more`]
      : ['warning', 'waf-stricter', `rule ${name} refuses what it only counted`]
  return undefined
}
