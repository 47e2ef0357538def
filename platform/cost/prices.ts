// List prices of what runs idle, in us-east-1, US dollars; other regions differ by some per cent. Data. Each address is the price
// list; EC2 has its own in generators/schema/prices.json. VPC, EKS and WAF were compared with articles that quote the
// lists in April to June 2026, nothing with a bill.

export const hoursPerMonth = 730

export const prices = {
  /** aws.amazon.com/eks/pricing; standard support, extended support costs six times as much. */
  eksClusterHour: 0.1,
  /** aws.amazon.com/vpc/pricing */
  natGatewayHour: 0.045,
  /** aws.amazon.com/vpc/pricing */
  publicAddressHour: 0.005,
  /** aws.amazon.com/privatelink/pricing; of each zone. */
  interfaceEndpointHour: 0.01,
  /** aws.amazon.com/elasticloadbalancing/pricing; without capacity units. */
  loadBalancerHour: 0.0225,
  /** aws.amazon.com/kms/pricing. */
  kmsKeyMonth: 1,
  /** aws.amazon.com/secrets-manager/pricing */
  secretMonth: 0.4,
  /** aws.amazon.com/waf/pricing */
  webAclMonth: 5,
  /** aws.amazon.com/waf/pricing; a managed group counts as one. */
  webAclRuleMonth: 1,
  /** aws.amazon.com/cloudwatch/pricing; of each metric that an alarm looks at. */
  alarmMetricMonth: 0.1,
  /** aws.amazon.com/cloudwatch/pricing; the first three of an account are free. */
  dashboardMonth: 3,
  /** CloudFront’s eight additional metrics at 0.30. */
  distributionMetricsMonth: 2.4,
  /** aws.amazon.com/ebs/pricing, gp3. */
  volumeGbMonth: 0.08,
} as const

/** Types whose number, size or zones make the sum. */
export const pricedTypes: readonly string[] = [
  'aws:cloudfront/monitoringSubscription:MonitoringSubscription',
  'aws:cloudwatch/dashboard:Dashboard',
  'aws:cloudwatch/metricAlarm:MetricAlarm',
  'aws:ec2/eip:Eip',
  'aws:ec2/launchTemplate:LaunchTemplate',
  'aws:ec2/natGateway:NatGateway',
  'aws:ec2/vpcEndpoint:VpcEndpoint',
  'aws:eks/cluster:Cluster',
  'aws:eks/nodeGroup:NodeGroup',
  'aws:kms/key:Key',
  'aws:lb/loadBalancer:LoadBalancer',
  'aws:secretsmanager/secret:Secret',
  'aws:wafv2/webAcl:WebAcl',
]

/** Why the others cost nothing while nothing happens; by the beginning of the type. */
export const freeWhileIdle: Readonly<Record<string, string>> = {
  'aws:acm/': 'public certificates are free',
  'aws:apigatewayv2/': 'by request',
  'aws:budgets/': 'a budget without actions is free',
  'aws:cloudfront/cachePolicy': 'free',
  'aws:cloudfront/distribution': 'by request and byte',
  'aws:cloudfront/responseHeadersPolicy': 'free',
  'aws:cloudfront/vpcOrigin': 'free',
  'aws:cloudwatch/event': 'by event; the canary sends some 9,000 a month, less than a cent',
  'aws:cloudwatch/log': 'by byte; an idle control plane writes some megabytes a day',
  'aws:ec2/defaultSecurityGroup': 'free',
  'aws:ec2/flowLog': 'by byte',
  'aws:ec2/internetGateway': 'free',
  'aws:ec2/route': 'free',
  'aws:ec2/securityGroup': 'free',
  'aws:ec2/subnet': 'free',
  'aws:ec2/tag': 'free',
  'aws:ec2/vpc:': 'free',
  'aws:eks/access': 'part of the cluster',
  'aws:eks/addon': 'part of the cluster',
  'aws:eks/podIdentityAssociation': 'part of the cluster',
  'aws:iam/': 'free',
  'aws:kms/alias': 'free',
  'aws:lb/listener': 'part of the load balancer',
  'aws:route53/': 'by request; the zone, $0.50, is not made here',
  'aws:s3/': 'by byte and request: $0.023 a GB and month of weights',
  'aws:secretsmanager/secretVersion': 'part of the secret',
  'aws:sns/': 'by message',
  'aws:sqs/': 'by message',
  'aws:vpc/': 'free',
  'aws:wafv2/webAclLoggingConfiguration': 'by byte',
  'kubernetes:': 'runs on the system nodes',
}
