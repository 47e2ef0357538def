// What AWS would answer, made up: ids and ARNs of the right form, so that whatever is built from them can be checked.
import type { Cluster } from '../../generators/schema/cluster.ts'
import { type Resource, serviceOf } from './graph.ts'

const hash = (text: string): number => [...text].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) % 2 ** 32, 7)

/** 8 hexadecimal digits that depend on the name alone. */
const digits = (text: string): string => hash(text).toString(16).padStart(8, '0')

type State = Record<string, unknown>

/** Outputs that are not inputs, by type; what is missing here comes out as undefined, and a rule finds it. */
const outputsOf: Record<string, (resource: Resource, arn: string) => State> = {
  'aws:ec2/vpc:Vpc': ({ name }) => ({ id: `vpc-${digits(name)}` }),
  'aws:ec2/subnet:Subnet': ({ name }) => ({ id: `subnet-${digits(name)}` }),
  'aws:ec2/securityGroup:SecurityGroup': ({ name }) => ({ id: `sg-${digits(name)}` }),
  'aws:kms/key:Key': ({ name }, arn) => ({
    id: digits(name),
    keyId: digits(name),
    arn: arn.replace(/:[^:]+$/, `:key/${digits(name)}`),
  }),
  'aws:eks/cluster:Cluster': ({ name, inputs }) => ({
    id: inputs.name,
    endpoint: `https://${digits(name).toUpperCase()}.gr7.example.eks.amazonaws.com`,
    certificateAuthority: { data: 'bm90IGEgY2VydGlmaWNhdGU=' },
    vpcConfig: { ...(inputs.vpcConfig as State), clusterSecurityGroupId: `sg-${digits(`${name}-cluster`)}` },
  }),
  'aws:sqs/queue:Queue': ({ name, inputs }, arn) => ({
    name: inputs.name,
    arn: arn.replace(/:[^:]+$/, `:${inputs.name}`),
    url: `https://sqs.amazonaws.com/${digits(name)}/${inputs.name}`,
  }),
  'aws:ec2/launchTemplate:LaunchTemplate': ({ name }) => ({ id: `lt-${digits(name)}`, latestVersion: 1 }),
  'aws:acm/certificate:Certificate': ({ name, inputs }, arn) => ({
    arn: arn.replace(/:[^:]+$/, `:certificate/${digits(name)}`),
    domainValidationOptions: [
      {
        domainName: inputs.domainName,
        resourceRecordName: `_${digits(name)}.${inputs.domainName}.`,
        resourceRecordType: 'CNAME',
        resourceRecordValue: `_${digits(`${name}-value`)}.acm-validations.aws.`,
      },
    ],
  }),
  'aws:route53/record:Record': ({ inputs }) => ({ fqdn: inputs.name }),
  'aws:lb/loadBalancer:LoadBalancer': ({ name }, arn) => ({
    arn: arn.replace(/:[^:]+$/, `:loadbalancer/app/${name}/${digits(name)}`),
    arnSuffix: `app/${name}/${digits(name)}`,
    dnsName: `internal-${name}-1.elb.amazonaws.com`,
  }),
}

export function madeUpOutputs(resource: Resource, cluster: Cluster): { id: string; state: State } {
  const { type, name, inputs, region } = resource
  const arn = `arn:aws:${serviceOf(resource)}:${region ?? ''}:${cluster.account}:${name}`
  const made = outputsOf[type]?.(resource, arn) ?? {}
  return {
    id: String(made.id ?? `${name}-id`),
    state: { name: `${name}-${digits(name).slice(0, 7)}`, arn, ...inputs, ...made },
  }
}

/** Answers of data sources, by token. */
const answersOf: Record<string, (inputs: State) => State> = {
  'aws:route53/getZone:getZone': ({ name }) => ({
    id: `Z${digits(String(name))}`,
    zoneId: `Z${digits(String(name))}`,
    name,
  }),
}

export function madeUpCall(token: string, inputs: State): State {
  const answer = answersOf[token]
  if (answer === undefined) throw new Error(`graph/made-up-outputs.ts has no answer for ${token}`)
  return { ...inputs, ...answer(inputs) }
}
