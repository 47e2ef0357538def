// What a change of each field means in the files that all models share: gateway, images, add-ons; and in infra outputs.
import { settableNames } from '../../schema/gateway-settings.ts'
import { by, changes, type FieldTable, flag, type Judged, list, none, section, within } from './row.ts'

/** Settings whose change hurts somebody; of the others a caller sees that an answer comes earlier, later or from another pod. */
const settingRows: Readonly<Record<string, Judged>> = {
  AUDIT_LOG: flag({
    on: ['note', 'each request is logged with its tokens again.'],
    off: ['caution', 'no line of token usage is logged any more: nobody can say afterwards which tenant used what.'],
  }),
  RETRY_BUDGET: more('second tries add to the load of engines that fail.'),
  ATTEMPTS: more('second tries add to the load of engines that fail.'),
  MODEL_SLOTS: more('an engine gets more requests at once, and each of them is slower.'),
  QUOTA_SLACK: more('tenants may send more than their limits say.'),
}

/** Largest bodies, answers and events are held in a pod’s memory; what a request may ask for is an engine’s work. */
const holdsMemory = /_LIMIT$|^MAX_|^DEFAULT_MAX_TOKENS$|^UPSTREAM_CONNECTIONS$/

function more(text: string): Judged {
  return {
    judge: (values) =>
      Number(values.after) > Number(values.before ?? Number.NaN) || values.before === undefined
        ? changes('warning', text).judge(values)
        : changes('note', 'the gateway behaves in another way.').judge(values),
  }
}

const settingRow = (name: string): Judged =>
  settingRows[name] ??
  (holdsMemory.test(name)
    ? changes('warning', 'what is refused changes for every caller, and what a pod holds in memory.')
    : changes('note', 'the gateway behaves in another way, for every caller.'))

export const gatewayFields: FieldTable = {
  'replicas.min': by('gateway-pods'),
  'replicas.max': by('gateway-pods'),
  'replicas.targetCpuPercent': changes('note', 'pods are added at another load.'),
  'resources.cpu': by('gateway-resources'),
  'resources.memory': by('gateway-resources'),
  logLevel: changes('note', 'the gateway logs more or less; prompts never.'),
  traceSampleRatio: changes('note', 'another share of requests is traced, which costs at the collector.'),
  ...Object.fromEntries(settableNames.map((name) => [`settings.${name}`, settingRow(name)])),
}

const repository = changes('caution', 'the image is taken from another registry or name: another program may run.')
const digest = section({
  added: ['note', 'the image is pinned.'],
  removed: ['caution', 'the image is no longer pinned: what the tag names may change under running pods.'],
  changed: ['note', 'another build of the image; its code is not in this diff.'],
})

export const imagesFields: FieldTable = {
  'gateway.repository': repository,
  'gateway.tag': changes('note', 'another version of the gateway.'),
  'gateway.digest': digest,
  'modelServer.repository': repository,
  'modelServer.tag': changes('note', 'another version of the model server.'),
  'modelServer.digest': digest,
}

/** Of the add-on in every cluster, or in one. */
export const chartValues: Judged = {
  judge: () => ['warning', ': other values of the chart. What the chart renders is not in this diff.'],
}

export const addonFields: FieldTable = {
  description: none('for people'),
  chart: changes('caution', 'another chart is installed in its place.'),
  repoURL: changes('caution', 'the chart comes from another place, and runs with rights in the cluster.'),
  version: by('chart-version'),
  namespace: changes('caution', 'the add-on goes from its namespace and is installed anew in another.'),
  skipCrds: changes(
    'warning',
    'the chart’s custom resource definitions come or go: objects of a kind go with its definition.',
  ),
  values: chartValues,
  ignoreDifferences: list({
    added: ['warning', 'fields that Argo CD heals no more.'],
    removed: ['warning', 'fields that Argo CD heals again: it and a controller may overwrite each other.'],
  }),
  'ignoreDifferences[].group': within('ignoreDifferences'),
  'ignoreDifferences[].kind': within('ignoreDifferences'),
  'ignoreDifferences[].name': within('ignoreDifferences'),
  'ignoreDifferences[].jsonPointers': within('ignoreDifferences'),
  'ignoreDifferences[].jqPathExpressions': within('ignoreDifferences'),
}

const output = changes('warning', 'the platform program writes this, from what it made; by hand it is wrong.')

export const infraFields: FieldTable = {
  status: changes('note', 'whether the outputs are those of a platform that was made.'),
  accountId: output,
  region: output,
  vpcId: output,
  vpcCidr: output,
  clusterName: output,
  clusterEndpoint: output,
  kubernetesVersion: output,
  loadBalancerArn: output,
  listenerArn: output,
  loadBalancerDomain: output,
  apiId: output,
  apiDomain: output,
  distributionId: output,
  distributionDomain: output,
  certificateArn: output,
  nodeInstanceProfile: output,
  interruptionQueue: output,
  weightsBucket: output,
  s3Cidrs: output,
}
