// What a month of the cluster may cost. AWS counts what carries the cluster’s tag, once the tag is activated for billing.
import * as budgets from '@pulumi/aws/budgets/index.js'
import * as pulumi from '@pulumi/pulumi'
import type { Cluster } from '../../generators/schema/cluster.ts'
import { spend } from './alarms/registry.ts'

export interface SpendBudgetArgs {
  cluster: Cluster
  /** In us-east-1. */
  topicArn: pulumi.Output<string>
}

export class SpendBudget extends pulumi.ComponentResource {
  constructor(name: string, { cluster, topicArn }: SpendBudgetArgs, options: pulumi.ComponentResourceOptions) {
    super('slipway:platform:SpendBudget', name, {}, options)
    const notification = (notificationType: 'ACTUAL' | 'FORECASTED') => (threshold: number) => ({
      notificationType,
      threshold,
      thresholdType: 'PERCENTAGE',
      comparisonOperator: 'GREATER_THAN',
      subscriberSnsTopicArns: [topicArn],
    })
    new budgets.Budget(
      `${name}-month`,
      {
        name: `${cluster.name}-month`,
        budgetType: 'COST',
        timeUnit: 'MONTHLY',
        limitAmount: String(cluster.monitoring.monthlyUsd),
        limitUnit: 'USD',
        // As AWS writes a tag of the user and its value.
        costFilters: [{ name: 'TagKeyValue', values: [`user:cluster$${cluster.name}`] }],
        notifications: [
          ...spend.thresholds.actual.map(notification('ACTUAL')),
          ...spend.thresholds.forecast.map(notification('FORECASTED')),
        ],
      },
      { parent: this },
    )
    this.registerOutputs({})
  }
}
