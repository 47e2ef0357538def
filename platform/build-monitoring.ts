// What watches the platform: a topic in both regions, alarms, the canary, the dashboard and the budget.

import { alarmTopic } from '../generators/schema/contract.ts'
import type { HttpApiOutputs } from './api/http-api.ts'
import type { BuiltEdge } from './build-edge.ts'
import type { Foundation } from './build-foundation.ts'
import { AlarmTopic } from './monitoring/alarm-topic.ts'
import { Alarms, type AlarmTargets } from './monitoring/alarms.ts'
import { Canary } from './monitoring/canary.ts'
import { Dashboard } from './monitoring/dashboard.ts'
import { SpendBudget } from './monitoring/spend-budget.ts'
import type { PlatformSettings } from './platform-settings.ts'
import { type AwsProviders, edgeRegion, madeBy } from './providers.ts'

export interface Watched {
  foundation: Foundation
  api: HttpApiOutputs
  edge: BuiltEdge
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
  const canary = new Canary(name('canary'), { cluster, clientSecret: canaryClientSecret }, regional).outputs
  const targets: AlarmTargets = {
    apiId: api.apiId,
    stage: api.stageName,
    loadBalancer: foundation.loadBalancer.arnSuffix,
    distributionId: edge.distributionId,
    edgeWebAcl: edge.webAcls.edge.name,
    regionalWebAcl: edge.webAcls.regional.name,
    region: cluster.region,
    canaryRule: canary.ruleName,
  }
  new Alarms(name('alarm'), { cluster, place: 'region', targets, topicArn: topics.region.arn }, regional)
  new Alarms(name('edge-alarm'), { cluster, place: 'edge', targets, topicArn: topics.edge.arn }, global)
  new Dashboard(name('monitoring'), { cluster, targets }, regional)
  // Budgets sends a message at once, and is refused until the topic’s policy lets it.
  new SpendBudget(name('spend'), { cluster, topicArn: topics.edge.arn }, { ...global, dependsOn: [edgeTopic] })
}
