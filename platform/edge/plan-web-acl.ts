// The rules of web ACLs, and of which the one of CloudFront has. Pure.
import { credentialHeaders } from '../../gateway/security-headers.ts'
import type { Cluster } from '../../generators/schema/cluster.ts'

type Empty = Record<string, never>

/** Those of the headers that a request has. */
interface HeaderValues {
  matchPattern: { includedHeaders: string[] }
  matchScope: 'VALUE'
  oversizeHandling: 'CONTINUE'
}

/** What a rule matches by itself. */
interface Match {
  labelMatchStatement?: { scope: 'LABEL'; key: string }
  regexMatchStatement?: {
    regexString: string
    fieldToMatch: { uriPath: Empty } | { headers: HeaderValues[] }
    textTransformations: { priority: number; type: 'NONE' }[]
  }
}

/** Pulumi’s provider takes statements only so deep. */
interface Combination extends Match {
  orStatement?: { statements: Match[] }
  notStatement?: { statement: Match }
}

/** Has exactly one of its fields. */
export interface Statement extends Combination {
  managedRuleGroupStatement?: {
    vendorName: 'AWS'
    name: ManagedGroup
    ruleActionOverrides?: { name: string; actionToUse: { count: Empty } }[]
  }
  rateBasedStatement?: {
    aggregateKeyType: 'IP'
    limit: number
    evaluationWindowSec: number
    /** Which requests are counted, and blocked. */
    scopeDownStatement: Combination
  }
  andStatement?: { statements: Combination[] }
}

export interface WebAclRule {
  name: string
  /** Lower is earlier. */
  priority: number
  statement: Statement
  /** Of rules of our own. */
  action?: { block: { customResponse: BlockAnswer } }
  /** Of rule groups: `none` leaves their own actions, `count` takes all of them away. */
  overrideAction?: { none: Empty } | { count: Empty }
  visibilityConfig: { metricName: string; cloudwatchMetricsEnabled: true; sampledRequestsEnabled: false }
}

interface BlockAnswer {
  responseCode: number
  customResponseBodyKey: AnswerKey
  responseHeaders?: { name: string; value: string }[]
}

/** Seconds in which requests of one address are counted. */
export const rateWindowSeconds = 60

/**
 * Rules that look into bodies, by group; X_BODY puts the label X_Body on a request
 * (https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html, read 2026-11-27).
 */
const bodyRules = {
  AWSManagedRulesAmazonIpReputationList: { labels: 'amazon-ip-list', names: [] },
  AWSManagedRulesCommonRuleSet: {
    labels: 'core-rule-set',
    names: [
      'SizeRestrictions_BODY',
      'EC2MetaDataSSRF_BODY',
      'GenericLFI_BODY',
      'GenericRFI_BODY',
      'CrossSiteScripting_BODY',
    ],
  },
  AWSManagedRulesSQLiRuleSet: { labels: 'sql-database', names: ['SQLi_BODY', 'SQLiExtendedPatterns_BODY'] },
  AWSManagedRulesKnownBadInputsRuleSet: {
    labels: 'known-bad-inputs',
    names: ['JavaDeserializationRCE_BODY', 'Log4JRCE_BODY', 'ReactJSRCE_BODY'],
  },
} as const satisfies Record<string, { labels: string; names: readonly string[] }>

export type ManagedGroup = keyof typeof bodyRules

/** What a rule of a group that counts leaves on a request. */
export const bodyLabel = (group: ManagedGroup, rule: string): string =>
  `awswaf:managed:aws:${bodyRules[group].labels}:${rule.replace(/_BODY$/, '_Body')}`

const bodyLabels: readonly string[] = (Object.keys(bodyRules) as ManagedGroup[]).flatMap((group) =>
  bodyRules[group].names.map((rule) => bodyLabel(group, rule)),
)

/**
 * Paths whose bodies are prompts or texts, on both lanes. From end to end, so that `/models/x/../console` is one only if the
 * gateway takes it for one.
 */
export const inferencePath =
  '^(/stream)?/(v1/(chat/completions|completions|responses|messages|messages/count_tokens|embeddings|rerank|score|audio/(transcriptions|translations))|v2/rerank|rerank|tokenize|detokenize|models/.+)$'

const error = (message: string, type: string, code: string): string =>
  JSON.stringify({ error: { message, type, param: null, code } })

/** Answers in the shape of the gateway’s errors, by the key under which rules name them. */
export const blockAnswers = {
  'too-many-requests': error(
    'Too many requests from this address: wait a minute.',
    'rate_limit_error',
    'address_rate_limited',
  ),
  'refused-body': error('The body was refused by the web firewall.', 'permission_error', 'body_refused'),
} as const

type AnswerKey = keyof typeof blockAnswers

const named = (name: string, priority: number, metricName: string) =>
  ({
    name,
    priority,
    // No samples: the console would show headers and paths of requests.
    visibilityConfig: { metricName, cloudwatchMetricsEnabled: true, sampledRequestsEnabled: false },
  }) as const

const noTransformation = [{ priority: 0, type: 'NONE' as const }]

/**
 * A token or key in any header from which the gateway takes one; one match, since the provider takes no choice inside a negation inside
 * a rate. Whether it is a good one, the API and the gateway say.
 */
const withCredentials: Match = {
  regexMatchStatement: {
    regexString: '.',
    fieldToMatch: {
      headers: [
        {
          matchPattern: { includedHeaders: [...credentialHeaders] },
          matchScope: 'VALUE',
          oversizeHandling: 'CONTINUE',
        },
      ],
    },
    textTransformations: noTransformation,
  },
}

const withoutCredentials: Combination = { notStatement: { statement: withCredentials } }

const rateLimit = (name: string, priority: number, limit: number, counted: Combination): WebAclRule => ({
  ...named(name, priority, name),
  statement: {
    rateBasedStatement: {
      // The source is the caller, at CloudFront as at a load balancer that clients reach themselves; a forwarded header could be forged.
      aggregateKeyType: 'IP',
      limit,
      evaluationWindowSec: rateWindowSeconds,
      scopeDownStatement: counted,
    },
  },
  action: {
    block: {
      customResponse: {
        responseCode: 429,
        customResponseBodyKey: 'too-many-requests',
        responseHeaders: [
          { name: 'retry-after', value: String(rateWindowSeconds) },
          // SDKs would try again within seconds, and count as new requests.
          { name: 'x-should-retry', value: 'false' },
        ],
      },
    },
  },
})

/** A group whose body rules count, whatever the path: prompts are longer than 8 KB and full of code and SQL. */
export function managed(name: ManagedGroup, priority: number, groupAction: 'none' | 'count'): WebAclRule {
  const ruleActionOverrides = bodyRules[name].names.map((rule) => ({ name: rule, actionToUse: { count: {} } }))
  return {
    ...named(name, priority, name),
    statement: {
      managedRuleGroupStatement: {
        vendorName: 'AWS',
        name,
        ...(ruleActionOverrides.length === 0 ? {} : { ruleActionOverrides }),
      },
    },
    overrideAction: groupAction === 'none' ? { none: {} } : { count: {} },
  }
}

/** What the body rules found is blocked after all where no prompt is expected. */
export const refuseBodies = (priority: number): WebAclRule => ({
  ...named('bodies-outside-inference', priority, 'bodies-outside-inference'),
  statement: {
    andStatement: {
      statements: [
        { orStatement: { statements: bodyLabels.map((key) => ({ labelMatchStatement: { scope: 'LABEL', key } })) } },
        {
          notStatement: {
            statement: {
              regexMatchStatement: {
                regexString: inferencePath,
                fieldToMatch: { uriPath: {} },
                textTransformations: noTransformation,
              },
            },
          },
        },
      ],
    },
  },
  action: { block: { customResponse: { responseCode: 403, customResponseBodyKey: 'refused-body' } } },
})

export interface PlannedWebAcl {
  name: string
  scope: 'CLOUDFRONT' | 'REGIONAL'
  description: string
  rules: WebAclRule[]
}

export const rateLimits = ({ edge }: Cluster): WebAclRule[] => [
  rateLimit('rate-limit', 0, edge.rateLimit, withoutCredentials),
  rateLimit('abuse-limit', 1, edge.abuseLimit, withCredentials),
]

/** In front of both lanes, in us-east-1. */
export const edgeWebAcl = (cluster: Cluster): PlannedWebAcl => ({
  name: `${cluster.name}-edge`,
  scope: 'CLOUDFRONT',
  description: 'CloudFront: rate per address, reputation, attacks in paths, queries and headers',
  rules: [
    ...rateLimits(cluster),
    managed('AWSManagedRulesAmazonIpReputationList', 10, 'none'),
    managed('AWSManagedRulesCommonRuleSet', 20, 'none'),
    managed('AWSManagedRulesSQLiRuleSet', 30, 'none'),
    managed('AWSManagedRulesKnownBadInputsRuleSet', 40, 'none'),
    refuseBodies(50),
  ],
})
