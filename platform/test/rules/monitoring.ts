// Rules about alarms: somebody is notified, in the right place, with words that help; and nobody else can write to a topic.
import type { Graph, Resource } from '../../graph/graph.ts'
import { first, type Rule, strings } from './rule.ts'

const alarmType = 'aws:cloudwatch/metricAlarm:MetricAlarm'
const topicType = 'aws:sns/topic:Topic'
const policyType = 'aws:sns/topicPolicy:TopicPolicy'

const all = (graph: Graph, type: string): Resource[] => graph.resources.filter((resource) => resource.type === type)

const notified = (graph: Graph, alarm: Resource, key: string): boolean => {
  const arns = (alarm.inputs[key] ?? []) as string[]
  return all(graph, topicType).some(
    ({ outputs, region }) => arns.includes(String(outputs.arn)) && region === alarm.region,
  )
}

export const heardAlarms: Rule = {
  sentence: 'every alarm notifies a topic of its own region when it begins and ends, and names its runbook',
  check: (graph) =>
    all(graph, alarmType).flatMap((alarm) => [
      ...['alarmActions', 'okActions']
        .filter((key) => !notified(graph, alarm, key))
        .map((key) => `${alarm.name}: ${key}`),
      ...(/ https:\/\/\S+\/platform\/monitoring\/alarms\/[\w-]+\.md$/.test(String(alarm.inputs.alarmDescription))
        ? []
        : [`${alarm.name}: no runbook`]),
      ...(['breaching', 'notBreaching'].includes(String(alarm.inputs.treatMissingData))
        ? []
        : [`${alarm.name}: says nothing about silence`]),
    ]),
  breaks: {
    'an alarm that nobody hears': (graph) => {
      first(graph, alarmType).inputs.alarmActions = []
    },
    'an end that nobody hears': (graph) => {
      first(graph, alarmType).inputs.okActions = undefined
    },
    'a topic of another region': (graph) => {
      first(graph, alarmType).region = 'ap-south-1'
    },
    'no runbook': (graph) => {
      first(graph, alarmType).inputs.alarmDescription = 'something is wrong'
    },
    'silence left to CloudWatch': (graph) => {
      first(graph, alarmType).inputs.treatMissingData = undefined
    },
  },
}

interface TopicPolicy {
  Statement: { Action: string; Principal: { Service?: string }; Condition?: Record<string, Record<string, string>> }[]
}

export const closedTopics: Rule = {
  sentence: 'only services of this account may write to a topic',
  check: (graph) =>
    all(graph, topicType).flatMap(({ name, outputs }) => {
      const policies = all(graph, policyType).filter(({ inputs }) => inputs.arn === outputs.arn)
      const statements = policies.flatMap(({ inputs }) => (JSON.parse(String(inputs.policy)) as TopicPolicy).Statement)
      const open = statements.filter(
        ({ Action, Principal, Condition }) =>
          Action !== 'sns:Publish' ||
          Principal.Service === undefined ||
          Condition?.StringEquals?.['aws:SourceAccount'] === undefined,
      )
      return [
        ...(policies.length === 1 ? [] : [`${name}: ${policies.length} policies`]),
        ...open.map(({ Action }) => `${name}: ${Action} for too many`),
      ]
    }),
  breaks: {
    'no policy': (graph) => {
      graph.resources = graph.resources.filter(({ type }) => type !== policyType)
    },
    'every account': (graph) => {
      const { inputs } = first(graph, policyType)
      const policy = JSON.parse(String(inputs.policy)) as TopicPolicy
      for (const statement of policy.Statement) delete statement.Condition
      inputs.policy = JSON.stringify(policy)
    },
    everything: (graph) => {
      const { inputs } = first(graph, policyType)
      inputs.policy = String(inputs.policy).replace('sns:Publish', 'sns:*')
    },
  },
}

export const filledQueries: Rule = {
  sentence: 'no brace of the registry is left in an alarm or a dashboard',
  check: (graph) =>
    [...all(graph, alarmType), ...all(graph, 'aws:cloudwatch/dashboard:Dashboard')].flatMap((resource) =>
      strings(resource)
        .filter(({ value }) => /\{\w+\}/.test(value))
        .map(({ value }) => `${resource.name}: ${/\{\w+\}/.exec(value)?.[0]}`),
    ),
  breaks: {
    'a target that is not filled in': (graph) => {
      first(graph, alarmType).inputs.metricQueries = [{ metric: { dimensions: { LoadBalancer: '{loadBalancer}' } } }]
    },
  },
}

const sourceType = 'aws:cloudwatch/logDeliverySource:LogDeliverySource'

const balancerSources = (graph: Graph): Resource[] =>
  all(graph, sourceType).filter(({ inputs }) => String(inputs.resourceArn).includes(':loadbalancer/app/'))

export const loggedBalancers: Rule = {
  sentence: 'a load balancer delivers its access log in its own region',
  check: (graph) =>
    all(graph, 'aws:lb/loadBalancer:LoadBalancer').flatMap(({ name, region }) => {
      const sources = balancerSources(graph).filter(
        (source) =>
          source.dependencies.includes(name) &&
          source.inputs.logType === 'ALB_ACCESS_LOGS' &&
          source.region === region &&
          all(graph, 'aws:cloudwatch/logDelivery:LogDelivery').some(
            ({ inputs, region }) => inputs.deliverySourceName === source.inputs.name && region === source.region,
          ),
      )
      return sources.length === 1 ? [] : [`${name}: ${sources.length} access logs`]
    }),
  breaks: {
    'no log': (graph) => {
      graph.resources = graph.resources.filter((resource) => !balancerSources(graph).includes(resource))
    },
    'another log': (graph) => {
      for (const { inputs } of balancerSources(graph)) inputs.logType = 'ALB_HEALTH_CHECK_LOGS'
    },
    'a log that nothing delivers': (graph) => {
      graph.resources = graph.resources.filter(({ type }) => type !== 'aws:cloudwatch/logDelivery:LogDelivery')
    },
  },
}
