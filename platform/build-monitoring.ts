// What watches the platform: a topic in both regions, alarms, the canary, the dashboard and the budget.

import { alarmTopic } from '../generators/schema/contract.ts'
import type { Foundation } from './build-foundation.ts'
import type { Front } from './build-front.ts'
import { AlarmTopic } from './monitoring/alarm-topic.ts'
import { Alarms, type AlarmTargets } from './monitoring/alarms.ts'
import { Canary } from './monitoring/canary.ts'
import { Dashboard } from './monitoring/dashboard.ts'
import { SpendBudget } from './monitoring/spend-budget.ts'
import type { PlatformSettings } from './platform-settings.ts'
import { type AwsProviders, edgeRegion, madeBy } from './providers.ts'

export interface Watched extends Front {
  foundation: Foundation
}

export function buildMonitoring(
  { cluster, canaryClientSecret }: PlatformSettings,
  { foundation, api, edge }: Watched,
  providers: AwsProviders,
): void {
  const name = (part: string): string => `${cluster.name}-${part}`
  const regional = madeBy(providers.regional, cluster)
  const global = madeBy(providers.edge, cluster)
  const edgeTopic = new AlarmTopic(
    name('edge-alarms'),
    { cluster, region: edgeRegion, encryption: foundation.edgeEncryption },
    global,
  )
  const topics = {
    region: new AlarmTopic(
      alarmTopic(cluster.name),
      { cluster, region: cluster.region, encryption: foundation.encryption },
      regional,
    ).outputs,
    edge: edgeTopic.outputs,
  }
  // It asks from the internet.
  const canary =
    api === undefined
      ? undefined
      : new Canary(name('canary'), { cluster, clientSecret: canaryClientSecret }, regional).outputs
  const targets: AlarmTargets = {
    ...(api && { apiId: api.apiId, stage: api.stageName }),
    loadBalancer: foundation.loadBalancer.arnSuffix,
    ...(edge && { distributionId: edge.distributionId, edgeWebAcl: edge.webAcl.name }),
    regionalWebAcl: foundation.regionalWebAcl.name,
    region: cluster.region,
    ...(canary && { canaryRule: canary.ruleName }),
  }
  new Alarms(name('alarm'), { cluster, place: 'region', targets, topicArn: topics.region.arn }, regional)
  new Alarms(name('edge-alarm'), { cluster, place: 'edge', targets, topicArn: topics.edge.arn }, global)
  new Dashboard(name('monitoring'), { cluster, targets }, regional)
  // Budgets sends a message at once, and is refused until the topic’s policy lets it.
  new SpendBudget(name('spend'), { cluster, topicArn: topics.edge.arn }, { ...global, dependsOn: [edgeTopic] })
}
