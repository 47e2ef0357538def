// IAM policies as data: statements with the few keys that are used here, and their JSON.
import * as pulumi from '@pulumi/pulumi'

export interface Statement {
  Sid: string
  Effect: 'Allow' | 'Deny'
  Principal?: '*' | Record<string, pulumi.Input<string> | pulumi.Input<string>[]>
  Action: string | string[]
  Resource: pulumi.Input<string> | pulumi.Input<string>[]
  Condition?: Record<string, Record<string, pulumi.Input<string> | pulumi.Input<string>[]>>
}

export const policyJson = (statements: readonly Statement[]): pulumi.Output<string> =>
  pulumi.jsonStringify({ Version: '2012-10-17', Statement: [...statements] })

/** Trust policy of an AWS service; only for work that it does for this account. */
export const trustService = (service: string, account: string): pulumi.Output<string> =>
  pulumi.jsonStringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: service },
        Action: 'sts:AssumeRole',
        Condition: { StringEquals: { 'aws:SourceAccount': account } },
      },
    ],
  })

/** Trust policy of services that send no source account: EC2 for its instances. */
export const trustInstances = (): pulumi.Output<string> =>
  pulumi.jsonStringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  })

/** Trust policy of one Kubernetes service account by EKS Pod Identity, in one cluster. */
export const trustPods = (
  clusterArn: pulumi.Input<string>,
  { namespace, name }: { namespace: string; name: string },
): pulumi.Output<string> =>
  pulumi.jsonStringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 'pods.eks.amazonaws.com' },
        // The session’s tags name cluster, namespace and service account.
        Action: ['sts:AssumeRole', 'sts:TagSession'],
        Condition: {
          StringEquals: {
            'aws:RequestTag/eks-cluster-arn': clusterArn,
            'aws:RequestTag/kubernetes-namespace': namespace,
            'aws:RequestTag/kubernetes-service-account': name,
          },
        },
      },
    ],
  })
