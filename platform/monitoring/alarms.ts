// The alarms of one place, made from the registry; each notifies the topic of its region when it starts and when it is over.
import * as cloudwatch from '@pulumi/aws/cloudwatch/index.js'
import * as pulumi from '@pulumi/pulumi'
import type { Cluster } from '../../generators/schema/cluster.ts'
import { filledIn } from '../fill-braces.ts'
import type { Alarm, TargetName } from './alarms/alarm.ts'
import { alarmsOf } from './alarms/registry.ts'
import { alarmSettings, metricQueries } from './plan-alarms.ts'

/** Values for the names in braces, of the parts that there are. */
export type AlarmTargets = Partial<Record<TargetName, pulumi.Input<string>>>

export interface AlarmsArgs {
  cluster: Cluster
  place: Alarm['place']
  targets: AlarmTargets
  /** Topic in the same region. */
  topicArn: pulumi.Output<string>
}

export class Alarms extends pulumi.ComponentResource {
  constructor(name: string, args: AlarmsArgs, options: pulumi.ComponentResourceOptions) {
    super('slipway:platform:Alarms', name, {}, options)
    const { cluster, place, topicArn } = args
    const targets = pulumi.output(args.targets)
    for (const alarm of alarmsOf(cluster).filter((one) => one.place === place)) {
      new cloudwatch.MetricAlarm(
        `${name}-${alarm.id}`,
        {
          ...alarmSettings(cluster, alarm),
          metricQueries: targets.apply((values) => filledIn(metricQueries(alarm), values)),
          alarmActions: [topicArn],
          okActions: [topicArn],
        },
        { parent: this },
      )
    }
    this.registerOutputs({})
  }
}
