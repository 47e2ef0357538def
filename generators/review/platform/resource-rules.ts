// Which changed inputs of a resource open, weaken or loosen something, whatever its type has to do with it.

import type { RiskLevel } from '../risks/risk.ts'
import { firewall } from './firewall-rules.ts'
import { becomes, type InputRule, lower, type ResourceFinding, says } from './input-rule.ts'
import { policies } from './policy-rules.ts'
import type { ResourceChange } from './resource-changes.ts'

const inputs: InputRule[] = [
  { path: /^\(protected\)$/, judge: becomes('false', 'caution', 'unprotected', 'Pulumi may delete it from now on') },
  {
    path: /deletionProtection|enableDeletionProtection/i,
    judge: becomes('false', 'caution', 'unprotected', 'AWS lets it be deleted from now on'),
  },
  { path: /enableKeyRotation$/, judge: becomes('false', 'caution', 'encryption-weaker', 'the key is rotated no more') },
  {
    path: /deletionWindowInDays$|recoveryWindowInDays$/,
    judge: lower('warning', 'unprotected', 'fewer days to take a deletion back'),
  },
  { path: /retentionInDays$/, judge: lower('caution', 'logs-lost', 'older logs are deleted') },
  {
    path: /(?:kmsKeyArn|kmsKeyId|kmsMasterKeyId|encryptionConfig|\.encrypted)/i,
    judge: says('caution', 'encryption-weaker', ({ after }) =>
      after === undefined || after === 'false'
        ? 'it is no longer sealed with a key of ours'
        : 'it is sealed with another key',
    ),
  },
  {
    path: /endpointPublicAccess$/,
    judge: becomes('true', 'caution', 'api-public', 'the Kubernetes API is reached from the internet'),
  },
  {
    path: /publicAccessCidrs/,
    judge: ({ after }) =>
      after === undefined
        ? ['warning', 'api-narrower', 'a range reaches the Kubernetes API no more']
        : ['caution', 'api-public', `${after} reaches the Kubernetes API from the internet`],
  },
  {
    path: /enabledClusterLogTypes/,
    judge: ({ after }) =>
      after === undefined ? ['warning', 'logs-lost', 'part of the control plane logs no more'] : undefined,
  },
  {
    types: /eks\/cluster:/,
    path: /^version$/,
    judge: says(
      'caution',
      'kubernetes-version',
      ({ before, after }) => `Kubernetes ${before} → ${after}; there is no way back`,
    ),
  },
  {
    path: /authorizationType$/,
    judge: says(
      'caution',
      'route-open',
      ({ before, after }) => `asks for ${after ?? 'nothing'} instead of ${before ?? 'nothing'}`,
    ),
  },
  {
    path: /authorizationScopes|jwtConfiguration|authorizerId|identitySources/,
    judge: says('caution', 'route-open', () => 'takes other tokens'),
  },
  {
    types: /loadBalancer:/,
    path: /^internal$/,
    judge: becomes('false', 'caution', 'public', 'it is reached from the internet'),
  },
  {
    path: /viewerProtocolPolicy$|originProtocolPolicy$|minimumProtocolVersion$|originSslProtocols|securityPolicy$|sslPolicy$/,
    judge: says(
      'caution',
      'tls',
      ({ before, after }) => `speaks another TLS: ${before ?? 'nothing'} → ${after ?? 'nothing'}`,
    ),
  },
  {
    path: /customHeaders/,
    judge: says('caution', 'origin-secret', () => 'the origin secret is sent otherwise, or not at all'),
  },
  {
    path: /webAclId|webAclArn/i,
    judge: says('caution', 'waf-weaker', () => 'requests are filtered by another web ACL, or none'),
  },
  {
    types: /distribution:/,
    path: /^enabled$/,
    judge: becomes('false', 'caution', 'public-name', 'the public name answers nobody'),
  },
  { path: /geoRestriction/, judge: says('caution', 'geo', () => 'callers of other countries are let in') },
  {
    path: /httpTokens$/,
    judge: (field) =>
      field.after === 'required' ? undefined : ['caution', 'metadata', 'pods may take the rights of their node'],
  },
  {
    path: /httpPutResponseHopLimit$/,
    judge: says('caution', 'metadata', () => 'pods may take the rights of their node'),
  },
  {
    path: /alarmActions|okActions/,
    judge: ({ after }) => (after === undefined ? ['warning', 'alarm-weaker', 'it reports nobody'] : undefined),
  },
  {
    types: /metricAlarm:/,
    path: /threshold|evaluationPeriods|datapointsToAlarm|comparisonOperator|treatMissingData|metricQueries|period$|actionsEnabled/i,
    judge: says(
      'warning',
      'alarm-weaker',
      ({ path, before, after }) =>
        `it rings at another time: \`${path}\` ${before ?? 'nothing'} → ${after ?? 'nothing'}`,
    ),
  },
  {
    path: /throttling(?:Rate|Burst)Limit$/i,
    judge: says('warning', 'throttle', ({ before, after }) => `another rate of requests: ${before} → ${after}`),
  },
  { path: /scalingConfig/, judge: lower('warning', 'fewer-nodes', 'fewer nodes for controllers') },
  {
    types: /helm|Release/,
    path: /^version$/,
    judge: says(
      'warning',
      'chart-version',
      ({ before, after }) => `chart ${before} → ${after}; what it renders is not in this diff`,
    ),
  },
  {
    types: /securityGroup(?:Ingress|Egress)Rule:/,
    path: /cidr|referencedSecurityGroupId|prefixListId|Port$|ipProtocol/i,
    judge: says(
      'caution',
      'network-wider',
      ({ path, before, after }) =>
        `lets other packets through: \`${path}\` ${before ?? 'nothing'} → ${after ?? 'nothing'}`,
    ),
  },
  {
    types: /secretVersion:/,
    path: /secretString/,
    judge: says('caution', 'secret-value', () => 'another value is kept; pods read it when they start'),
  },
  { path: /mapPublicIpOnLaunch$/, judge: becomes('true', 'caution', 'public', 'nodes get public addresses') },
  {
    types: /cachePolicy|distribution:/,
    path: /[tT]tl$|cachePolicyId/,
    judge: says('warning', 'cache', () => 'answers are cached otherwise'),
  },
]

const rules: readonly InputRule[] = [...firewall, ...policies, ...inputs]

/** Of one field the first rule that matches; what several fields say alike is said once. */
export function inputFindings(change: ResourceChange): ResourceFinding[] {
  const found = change.fields.flatMap((field) => {
    const rule = rules.find(({ types, path }) => (types?.test(change.type) ?? true) && path.test(field.path))
    const finding = rule?.judge(field)
    return finding === undefined ? [] : [finding]
  })
  return [...new Map(found.map((one) => [JSON.stringify(one), one])).values()]
}

/** What is made anew opens something by being there. */
const openers: readonly [types: RegExp, level: RiskLevel, rule: string, text: string][] = [
  [/securityGroupIngressRule:/, 'caution', 'network-wider', 'lets packets in that were refused'],
  [/securityGroupEgressRule:/, 'warning', 'network-wider', 'lets packets out that were refused'],
  [/accessEntry:|accessPolicyAssociation:/, 'caution', 'cluster-access', 'lets a role into the Kubernetes API'],
  [/rolePolicyAttachment:|rolePolicy:/, 'caution', 'iam-wider', 'gives a role more rights'],
  [/iam\/role:/, 'warning', 'iam-wider', 'is a role that something may act with'],
  [/podIdentityAssociation:/, 'warning', 'iam-wider', 'gives pods rights at AWS'],
  [/apigatewayv2\/route:/, 'warning', 'route-open', 'lets requests in on another path'],
  [/natGateway|ec2\/eip:/, 'note', 'costs', 'costs while it is idle'],
]

export const openedBy = ({ type }: ResourceChange): ResourceFinding | undefined => {
  const found = openers.find(([types]) => types.test(type))
  return found && [found[1], found[2], found[3]]
}
