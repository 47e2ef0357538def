// The dashboard of one environment, drawn from the alarms.
import * as cloudwatch from '@pulumi/aws/cloudwatch/index.js'
import * as pulumi from '@pulumi/pulumi'
import type { Cluster } from '../../generators/schema/cluster.ts'
import type { AlarmTargets } from './alarms.ts'
import { dashboardBody } from './plan-dashboard.ts'

export interface DashboardArgs {
  cluster: Cluster
  targets: AlarmTargets
}

export class Dashboard extends pulumi.ComponentResource {
  constructor(name: string, { cluster, targets }: DashboardArgs, options: pulumi.ComponentResourceOptions) {
    super('slipway:platform:Dashboard', name, {}, options)
    const dashboardBodyText = pulumi.output(targets).apply((values) => dashboardBody(cluster, values))
    new cloudwatch.Dashboard(
      `${name}-dashboard`,
      { dashboardName: `slipway-${cluster.name}`, dashboardBody: dashboardBodyText },
      { parent: this },
    )
    this.registerOutputs({})
  }
}
