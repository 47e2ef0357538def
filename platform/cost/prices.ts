// List prices of what stands idle, in us-east-1, US dollars. Data with its source; other regions differ by some per cent.
// Sources: the services’ pricing pages as of 2026-11; EC2 from generators/schema/accelerators.ts. Traffic, requests, logs and GPUs
// come on top: `npm run plan` has the models.

export const hoursPerMonth = 730

export const prices = {
  /** Standard support; extended support costs six times as much. */
  eksClusterHour: 0.1,
  natGatewayHour: 0.045,
  publicAddressHour: 0.005,
  /** Of each zone. */
  interfaceEndpointHour: 0.01,
  loadBalancerHour: 0.0225,
  kmsKeyMonth: 1,
  secretMonth: 0.4,
  webAclMonth: 5,
  webAclRuleMonth: 1,
  /** Of each metric that an alarm looks at. */
  alarmMetricMonth: 0.1,
  dashboardMonth: 3,
  /** CloudFront’s eight additional metrics at 0.30. */
  distributionMetricsMonth: 2.4,
  volumeGbMonth: 0.08,
} as const
