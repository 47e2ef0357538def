// The cluster and what its controllers may do: names, versions and order, compared with what Git says of the other half.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { collectorUrl } from '../../../generators/schema/collector.ts'
import { alarmTopic, podLogGroup, secrets, serviceAccounts } from '../../../generators/schema/contract.ts'
import { apiServerAddress, planSubnets, serviceRange } from '../../../generators/schema/network.ts'
import { root } from '../../../test/source-files.ts'
import { assert, describe } from '../../../test/spec.ts'
import { type Graph, named, ofType, type Resource } from '../../graph/graph.ts'
import { clusterNames, clusterOf, fullCluster, graphOf, originSecret } from '../../test/graphs.ts'
import { addonOf, rendered } from '../../test/repository.ts'
import { addons, kubernetesVersion } from '../plan-cluster.ts'

const indexOf = (graph: Graph, resource: Resource): number => graph.resources.indexOf(resource)
const control = (graph: Graph): Resource => named(graph, `${graph.cluster}-kubernetes-control`)
const component = (graph: Graph, part: string): Resource =>
  graph.resources.find(({ name, custom }) => !custom && name === `${graph.cluster}-${part}`) ?? control(graph)
const nodeGroup = (graph: Graph): Resource => named(graph, `${graph.cluster}-system-nodes-group`)

for (const cluster of [...clusterNames.map(clusterOf), fullCluster()]) {
  describe(`cluster ${cluster.name}`, (test) => {
    test('is called like its folder, with a version in standard support and the API server where policies expect it', async () => {
      const { inputs } = control(await graphOf(cluster))
      assert.is(inputs.name, cluster.name)
      assert.ok(Number(kubernetesVersion.split('.')[1]) >= 35)
      assert.equal(inputs.upgradePolicy, { supportType: 'STANDARD' })
      assert.is((inputs.kubernetesNetworkConfig as Record<string, string>).serviceIpv4Cidr, serviceRange(cluster))
      assert.is(apiServerAddress(cluster), '172.20.0.1')
    })

    test('has its interfaces in the control-plane subnets, which the gateway’s policy names', async () => {
      const graph = await graphOf(cluster)
      const ids = (control(graph).inputs.vpcConfig as { subnetIds: string[] }).subnetIds
      const planned = planSubnets(cluster.network.vpcCidr, cluster.network.zoneIds.length).controlPlane
      const found = ofType(graph, 'aws:ec2/subnet:Subnet').filter(({ inputs }) =>
        planned.includes(String(inputs.cidrBlock)),
      )
      assert.is(found.length, ids.length)
      assert.ok(found.every(({ name }) => control(graph).dependencies.includes(name)))
    })

    test('is administered, and read, by the roles of the cluster file alone', async () => {
      const graph = await graphOf(cluster)
      assert.equal(control(graph).inputs.accessConfig, {
        authenticationMode: 'API',
        bootstrapClusterCreatorAdminPermissions: false,
      })
      const { adminRoles, viewRoles } = cluster.kubernetesApi
      const grant = (role: string, policy: string) => `arn:aws:iam::${cluster.account}:role/${role} ${policy}`
      assert.equal(
        ofType(graph, 'aws:eks/accessPolicyAssociation:AccessPolicyAssociation')
          .map(({ inputs }) => `${inputs.principalArn} ${String(inputs.policyArn).split('/').at(-1)}`)
          .sort(),
        [
          ...adminRoles.map((role) => grant(role, 'AmazonEKSClusterAdminPolicy')),
          ...viewRoles.map((role) => grant(role, 'AmazonEKSViewPolicy')),
        ].sort(),
      )
    })

    test('opens the Kubernetes API to the listed ranges, and to nobody without a list', async () => {
      const config = control(await graphOf(cluster)).inputs.vpcConfig as Record<string, unknown>
      const { publicCidrs } = cluster.kubernetesApi
      assert.is(config.endpointPublicAccess, publicCidrs.length > 0)
      assert.equal(config.publicAccessCidrs ?? [], publicCidrs)
    })

    test('gets its add-ons pinned, those that nodes need before the nodes and the others after', async () => {
      const graph = await graphOf(cluster)
      const found = ofType(graph, 'aws:eks/addon:Addon')
      assert.equal(found.map(({ inputs }) => inputs.addonName).sort(), Object.keys(addons).sort())
      for (const addon of found) {
        const planned = addons[String(addon.inputs.addonName)]
        assert.is(addon.inputs.addonVersion, planned?.version)
        assert.match(planned?.version ?? '', /^v\d+\.\d+\.\d+-eksbuild\.\d+$/)
        const before = indexOf(graph, addon) < indexOf(graph, nodeGroup(graph))
        assert.is(before, planned?.when === 'beforeNodes', addon.name)
        // The component waits, and with it everything in it.
        if (before) assert.ok(component(graph, 'system-nodes').dependencies.includes(addon.name), addon.name)
        else assert.ok(component(graph, 'addons').dependencies.includes(nodeGroup(graph).name), addon.name)
      }
      assert.match(addons['kube-proxy']?.version ?? '', `v${kubernetesVersion}.`)
    })

    test('enforces network policies', async () => {
      const { inputs } = named(await graphOf(cluster), `${cluster.name}-node-addons-vpc-cni`)
      assert.equal(JSON.parse(String(inputs.configurationValues)), {
        enableNetworkPolicy: 'true',
        env: { NETWORK_POLICY_ENFORCING_MODE: 'standard' },
      })
    })

    test('patches the system nodes when the cluster file names a release of this Kubernetes version, one after another', async () => {
      const { inputs } = nodeGroup(await graphOf(cluster))
      const { systemRelease } = cluster.nodes
      assert.is(inputs.releaseVersion, systemRelease)
      assert.ok(systemRelease === undefined || systemRelease.startsWith(`${kubernetesVersion}.`), systemRelease)
      assert.equal(inputs.updateConfig, { maxUnavailable: 1 })
      assert.is(inputs.forceUpdateVersion, undefined)
    })

    test('starts nodes only when their role has its policies', async () => {
      const graph = await graphOf(cluster)
      const wanted = ofType(graph, 'aws:iam/rolePolicyAttachment:RolePolicyAttachment')
        .map(({ name }) => name)
        .filter((name) => name.includes('-system-nodes-'))
      assert.is(wanted.length, 2)
      for (const name of wanted) assert.ok(nodeGroup(graph).dependencies.includes(name), name)
    })
  })

  describe(`identities of ${cluster.name}`, (test) => {
    /** Add-on in Git → service account in the contract. */
    const bound = [
      ['aws-load-balancer-controller', serviceAccounts.loadBalancerController],
      ['karpenter', serviceAccounts.karpenter],
      ['external-secrets', serviceAccounts.externalSecrets],
      ['aws-for-fluent-bit', serviceAccounts.logShipper],
      ['kube-prometheus-stack', serviceAccounts.alertmanager],
    ] as const

    /** Of what this repository renders itself. */
    const { model, weightsCopy, weightsSweep } = serviceAccounts
    const own = cluster.weights.source === 's3' ? [model, weightsCopy, weightsSweep] : []

    test('are bound to the service accounts that the add-ons and models in Git use, and to no other', async () => {
      const associations = ofType(await graphOf(cluster), 'aws:eks/podIdentityAssociation:PodIdentityAssociation')
      const found = associations.map(({ inputs }) => `${inputs.namespace}/${inputs.serviceAccount}`)
      const wanted = [...bound.map(([, account]) => account), ...own]
      assert.equal(found.sort(), wanted.map(({ namespace, name }) => `${namespace}/${name}`).sort())
      for (const [addonName, { namespace, name }] of bound) {
        const addon = addonOf(addonName, cluster)
        assert.is(addon.namespace, namespace, addonName)
        const of = (addon.values.alertmanager ?? addon.values) as { serviceAccount: { name: string } }
        assert.is(of.serviceAccount.name, name, addonName)
      }
    })

    test('let Alertmanager notify the topic that its values name, and that is made', async () => {
      const { config } = addonOf('kube-prometheus-stack', cluster).values.alertmanager as {
        config: { receivers: { sns_configs?: { topic_arn: string }[] }[] }
      }
      const named = config.receivers.flatMap(({ sns_configs = [] }) => sns_configs.map(({ topic_arn }) => topic_arn))
      const graph = await graphOf(cluster)
      assert.equal(named, [`arn:aws:sns:${cluster.region}:${cluster.account}:${alarmTopic(cluster.name)}`])
      assert.ok(ofType(graph, 'aws:sns/topic:Topic').some(({ inputs }) => inputs.name === alarmTopic(cluster.name)))
      const policies = ofType(graph, 'aws:iam/rolePolicy:RolePolicy').map(({ inputs }) => String(inputs.policy))
      assert.ok(policies.some((policy) => policy.includes('sns:Publish') && policy.includes(named[0] ?? '-')))
    })

    test('let the collector send spans to X-Ray where the cluster file says so, and do nothing else', async () => {
      const { namespace, name } = serviceAccounts.collector
      const bindingsOf = async (collector: string | undefined) => {
        const telemetry = collector && { collector, otlpEndpoint: collectorUrl, engines: true }
        const graph = await graphOf({ ...cluster, ...(telemetry && { telemetry }) })
        const bindings = ofType(graph, 'aws:eks/podIdentityAssociation:PodIdentityAssociation')
        const own = bindings.filter(({ inputs }) => inputs.serviceAccount === name && inputs.namespace === namespace)
        return { graph, own }
      }
      for (const target of [undefined, 'https://otlp.example.com'])
        assert.is((await bindingsOf(target)).own.length, 0, target)
      const { graph, own } = await bindingsOf('xray')
      assert.is(own.length, 1)
      const { Statement } = JSON.parse(String(named(graph, `${cluster.name}-pods-traces-policy`).inputs.policy)) as {
        Statement: { Action: string[] }[]
      }
      assert.equal(
        Statement.map(({ Action }) => Action),
        [['xray:PutSpans', 'xray:PutSpansForIndexing']],
      )
      const addon = parse(readFileSync(join(root, 'apps/addons/opentelemetry-collector.yaml'), 'utf8')) as {
        namespace: string
        values: { serviceAccount: { name: string } }
      }
      assert.equal([addon.namespace, addon.values.serviceAccount.name], [namespace, name])
    })

    test('can be taken only by that service account of this cluster', async () => {
      const graph = await graphOf(cluster)
      for (const { inputs, dependencies } of ofType(graph, 'aws:eks/podIdentityAssociation:PodIdentityAssociation')) {
        const role = named(graph, dependencies.find((name) => name.endsWith('-role')) ?? '')
        const { Statement } = JSON.parse(String(role.inputs.assumeRolePolicy)) as {
          Statement: { Principal: object; Condition: { StringEquals: Record<string, string> } }[]
        }
        assert.equal(Statement[0]?.Principal, { Service: 'pods.eks.amazonaws.com' })
        assert.equal(Statement[0]?.Condition.StringEquals, {
          'aws:RequestTag/eks-cluster-arn': `arn:aws:eks:${cluster.region}:${cluster.account}:cluster/${cluster.name}`,
          'aws:RequestTag/kubernetes-namespace': inputs.namespace,
          'aws:RequestTag/kubernetes-service-account': inputs.serviceAccount,
        })
      }
    })

    test('of External Secrets read the two secrets and nothing else', async () => {
      const graph = await graphOf(cluster)
      const { inputs } = named(graph, `${cluster.name}-pods-secrets-policy`)
      const [read] = (JSON.parse(String(inputs.policy)) as { Statement: { Resource: string[] }[] }).Statement
      const names = [secrets.originVerify, secrets.hubToken].map(({ remote }) => remote(cluster.name))
      assert.equal(
        read?.Resource,
        names.map((name) => `arn:aws:secretsmanager:${cluster.region}:${cluster.account}:secret:${name}-AbCdEf`),
      )
    })

    test('of the log shipper write into the group that its chart names', async () => {
      const graph = await graphOf(cluster)
      const group = named(graph, `${cluster.name}-pods-log-group`)
      const cloudWatchLogs = addonOf('aws-for-fluent-bit', cluster).values.cloudWatchLogs as Record<string, unknown>
      assert.is(group.inputs.name, cloudWatchLogs.logGroupName)
      assert.is(group.inputs.name, podLogGroup(cluster.name))
      assert.is(cloudWatchLogs.autoCreateGroup, false)
    })
  })

  describe(`secrets of ${cluster.name}`, (test) => {
    test('are two: the origin value with its predecessor, and an empty place for the Hub token', async () => {
      const graph = await graphOf(cluster)
      const made = ofType(graph, 'aws:secretsmanager/secret:Secret').map(({ inputs }) => inputs.name)
      assert.equal(made.sort(), [secrets.hubToken.remote(cluster.name), secrets.originVerify.remote(cluster.name)])
      const values = ofType(graph, 'aws:secretsmanager/secretVersion:SecretVersion')
      assert.is(values.length, 1)
      assert.equal(values[0]?.secrets, ['secretString'])
      assert.equal(JSON.parse(String(values[0]?.inputs.secretString)), originSecret)
    })
  })
}

for (const cluster of clusterNames.map(clusterOf)) {
  describe(`Karpenter of ${cluster.name}`, (test) => {
    test('finds instance profile, queue, subnets and security group under the names that Git has', async () => {
      const graph = await graphOf(cluster)
      const nodeClass = rendered(cluster, 'node-pools/ec2nodeclass-cpu.yaml').spec as {
        instanceProfile: string
        subnetSelectorTerms: { tags: Record<string, string> }[]
        securityGroupSelectorTerms: { tags: Record<string, string> }[]
      }
      assert.is(named(graph, `${cluster.name}-karpenter-profile`).inputs.name, nodeClass.instanceProfile)
      const settings = addonOf('karpenter', cluster).values.settings as Record<string, unknown>
      assert.is(named(graph, `${cluster.name}-karpenter-queue`).inputs.name, settings.interruptionQueue)
      assert.is(settings.clusterName, cluster.name)
      const [term] = nodeClass.securityGroupSelectorTerms
      const { inputs } = named(graph, `${cluster.name}-kubernetes-discovery`)
      assert.equal(term?.tags, { [String(inputs.key)]: inputs.value })
      assert.equal(nodeClass.subnetSelectorTerms[0]?.tags, term?.tags)
    })

    test('hears of every event that takes a node away', async () => {
      const graph = await graphOf(cluster)
      const rules = ofType(graph, 'aws:cloudwatch/eventRule:EventRule').filter(({ name }) =>
        name.includes('-karpenter-'),
      )
      assert.is(rules.length, 5)
      const targets = ofType(graph, 'aws:cloudwatch/eventTarget:EventTarget')
      for (const { name } of rules)
        assert.ok(
          targets.some(({ dependencies }) => dependencies.includes(name)),
          name,
        )
    })

    test('lets its nodes join, and may give away only their role', async () => {
      const graph = await graphOf(cluster)
      const role = `arn:aws:iam::${cluster.account}:role/${cluster.name}-karpenter-node`
      const entry = named(graph, `${cluster.name}-karpenter-entry`).inputs
      assert.equal([entry.principalArn, entry.type], [role, 'EC2_LINUX'])
      const { inputs } = named(graph, `${cluster.name}-karpenter-identity-policy`)
      const { Statement } = JSON.parse(String(inputs.policy)) as {
        Statement: { Action: string | string[]; Resource: string | string[] }[]
      }
      const passed = Statement.filter(({ Action }) => Action === 'iam:PassRole').map(({ Resource }) => Resource)
      assert.equal(passed, [role])
      const writes = Statement.flatMap(({ Action }) => Action).filter((action) =>
        /^iam:(?!PassRole|Get|List)/.test(action),
      )
      assert.equal(writes, [])
    })
  })
}
