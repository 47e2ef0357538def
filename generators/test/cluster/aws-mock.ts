// AWS as the Load Balancer Controller sees it here (moto): what Pulumi would have made before, and what the controller made of it.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { balancerSettings, notSyncedAnswer } from '../../../platform/load-balancer/plan-load-balancer.ts'
import type { Cluster } from '../../schema/cluster.ts'
import { loadBalancer } from '../../schema/contract.ts'
import type { ControlPlane } from './control-plane.ts'
import type { GitSource } from './git-source.ts'

interface Facts {
  vpc: string
  /** Name that the controller runs with. */
  cluster: string
  private: string[]
}

const versions = { ec2: '2016-11-15', elasticloadbalancing: '2015-12-01' } as const

export class AwsMock {
  readonly #url: string
  readonly facts: Facts

  constructor({ environment, folder }: ControlPlane) {
    this.#url = environment.AWS_ENDPOINT_URL ?? ''
    this.facts = JSON.parse(readFileSync(join(folder, 'conf/aws.json'), 'utf8')) as Facts
  }

  /** One call of the query protocol; the answer’s XML. Lists are `Name.1`, `Name.2`. */
  async call(service: keyof typeof versions, action: string, values: Record<string, string> = {}): Promise<string> {
    const body = new URLSearchParams({ Action: action, Version: versions[service], ...values })
    return this.#send(service, { 'content-type': 'application/x-www-form-urlencoded' }, body.toString())
  }

  async waf(action: string, values: object): Promise<unknown> {
    const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `AWSWAF_20190729.${action}` }
    return JSON.parse(await this.#send('wafv2', headers, JSON.stringify(values)))
  }

  async #send(service: string, headers: Record<string, string>, body: string): Promise<string> {
    // moto distinguishes services by the signature’s scope, and does not check the signature.
    const authorization = `AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`
    const answer = await fetch(this.#url, { method: 'POST', headers: { ...headers, authorization }, body })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${service}: ${text.slice(0, 500)}`)
    return text
  }
}

export const valuesOf = (xml: string, name: string): string[] =>
  [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map((match) => match[1] ?? '')

/** Key and Value of each member, in whatever order they are. */
export const pairsOf = (xml: string): Record<string, string> =>
  Object.fromEntries(
    [...xml.matchAll(/<member>((?:(?!<member>)[\s\S])*?)<\/member>/g)].flatMap(([, member = '']) => {
      const [key] = valuesOf(member, 'Key')
      return key === undefined ? [] : [[key, valuesOf(member, 'Value')[0] ?? '']]
    }),
  )

/** The Load Balancer Controller that runs here, as it says itself, beside the one of the chart that Argo CD would install. */
export function balancerController({ folder }: ControlPlane, source: GitSource): string {
  const running = /v\d+\.\d+\.\d+/.exec(readFileSync(join(folder, 'log/lbc.log'), 'utf8'))?.[0] ?? 'of unknown version'
  const { version } = source.chart('aws-load-balancer-controller')
  const same = running === `v${version}`
  const words = same ? 'the same' : 'what came between the two is not proven here'
  return `Load Balancer Controller ${running}, the chart’s is v${version}: ${words}`
}

const numbered = (name: string, items: readonly string[]): Record<string, string> =>
  Object.fromEntries(items.map((item, index) => [`${name}.member.${index + 1}`, item]))

/** Security group, web ACL, balancer and listener, as the platform program declares them; the balancer’s ARN. */
export async function makePlatform(aws: AwsMock, cluster: Cluster): Promise<string> {
  const { vpc, cluster: controllerCluster, private: subnets } = aws.facts
  const name = loadBalancer.securityGroupName(cluster.name)
  const group =
    valuesOf(
      await aws.call('ec2', 'CreateSecurityGroup', { GroupName: name, GroupDescription: name, VpcId: vpc }),
      'groupId',
    )[0] ?? ''
  await aws.call('ec2', 'CreateTags', { 'ResourceId.1': group, 'Tag.1.Key': 'Name', 'Tag.1.Value': name })
  await aws.waf('CreateWebACL', {
    Name: loadBalancer.webAclName(cluster.name),
    Scope: 'REGIONAL',
    DefaultAction: { Allow: {} },
    VisibilityConfig: { SampledRequestsEnabled: false, CloudWatchMetricsEnabled: false, MetricName: 'x' },
  })
  const settings = balancerSettings(cluster)
  // The controller here runs under another cluster name, so the tag by which it knows its own carries that name.
  const tags = Object.entries(settings.tags).map(([key, value]) => [
    key,
    value === cluster.name && key.startsWith('elbv2.') ? controllerCluster : value,
  ])
  const made = await aws.call('elasticloadbalancing', 'CreateLoadBalancer', {
    Name: settings.name,
    Scheme: settings.internal ? 'internal' : 'internet-facing',
    Type: 'application',
    IpAddressType: 'ipv4',
    ...numbered('Subnets', subnets),
    ...numbered('SecurityGroups', [group]),
    ...Object.fromEntries(
      tags.flatMap(([key, value], index) => [
        [`Tags.member.${index + 1}.Key`, key],
        [`Tags.member.${index + 1}.Value`, value],
      ]),
    ),
  })
  const arn = valuesOf(made, 'LoadBalancerArn')[0] ?? ''
  await aws.call('elasticloadbalancing', 'CreateListener', {
    LoadBalancerArn: arn,
    Port: '80',
    Protocol: 'HTTP',
    'DefaultActions.member.1.Type': 'fixed-response',
    'DefaultActions.member.1.FixedResponseConfig.StatusCode': notSyncedAnswer.statusCode,
    'DefaultActions.member.1.FixedResponseConfig.ContentType': notSyncedAnswer.contentType,
  })
  return arn
}
