// The folders beside the models: Argo CD, namespaces, edge, gateway, nodes, add-ons.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gitWatchFile } from '../../../gateway/bundle.ts'
import { sampleRoot } from '../../../test/sample-tree.ts'
import { assert, describe } from '../../../test/spec.ts'
import { isError } from '../../diagnostics/diagnostic.ts'
import { everything, planRepository, renderRepository } from '../../pipeline.ts'
import type { KubernetesObject } from '../../render/manifest.ts'
import { nobody } from '../../render/network.ts'
import { alarmTopic, namespaces, privilegedNamespaces } from '../../schema/contract.ts'
import { repositoryRoot, withRepository } from '../fixture.ts'
import { manifestsOf } from './manifests-of.ts'

const { plans } = planRepository(sampleRoot, { models: [], clusters: [] })
const [dev, prod] = ['dev', 'prod'].map((name) => {
  const plan = plans.find(({ cluster }) => cluster.name === name)
  if (plan === undefined) throw new Error(`no cluster ${name}`)
  return { plan, manifests: manifestsOf(plan) }
})
if (dev === undefined || prod === undefined) throw new Error('no clusters')

const ofKind = (kind: string, { manifests } = prod): KubernetesObject[] =>
  manifests.flatMap(({ object }) => (object.kind === kind ? [object] : []))

const named = (kind: string, name: string, of = prod): KubernetesObject => {
  const found = ofKind(kind, of).find(({ metadata }) => metadata.name === name)
  if (found === undefined) throw new Error(`no ${kind}/${name}`)
  return found
}

interface Retry {
  limit: number
  backoff: { duration: string; factor: number; maxDuration: string }
}

interface Application {
  project: string
  source: {
    repoURL: string
    chart?: string
    path?: string
    name?: string
    targetRevision: string
    helm?: { valuesObject?: Record<string, unknown> }
  }
  syncPolicy: { automated: Record<string, unknown>; syncOptions: string[]; retry: Retry }
  ignoreDifferences?: { jsonPointers?: string[] }[]
}

const applications = ofKind('Application').map(({ metadata, spec }) => ({
  metadata,
  spec: spec as unknown as Application,
}))

describe('Argo CD Applications', (test) => {
  test('are never left with an empty folder: the last tenant can be deleted', () =>
    withRepository(sampleRoot, ({ root, read, write, remove }) => {
      remove('apps/tenants')
      for (const path of globSync('apps/models/*.yaml', { cwd: root }))
        write(path, read(path).replace(/^access: .*\n/m, ''))
      const { files, diagnostics } = renderRepository(root, everything)
      assert.equal(diagnostics.filter(isError), [])
      const left = files.filter(({ path }) => path.startsWith('clusters/dev/rendered/tenants/'))
      assert.equal(
        left.map(({ path }) => path),
        ['clusters/dev/rendered/tenants/configmap-no-tenant.yaml'],
      )
      assert.not.match(left[0]?.text ?? '', /component/)
    }))

  test('take models along when they are deleted, and no controller', () => {
    for (const { metadata, spec } of applications) {
      const cascades = JSON.stringify(metadata.finalizers ?? []).includes('resources-finalizer')
      assert.is(cascades, spec.project === 'models', metadata.name)
    }
  })

  test('ask a person before a part of the platform is deleted', () => {
    for (const { metadata, spec } of applications) {
      if (spec.project !== 'platform') continue
      assert.match(metadata.annotations?.['argocd.argoproj.io/sync-options'] ?? '', 'Delete=confirm')
    }
  })

  test('leave replicas to an autoscaler, and to nobody else', () => {
    for (const { name, scaling } of prod.plan.models) {
      const { spec } = applications.find(({ metadata }) => metadata.name === `model-${name}`) ?? {}
      const ignored = spec?.ignoreDifferences?.flatMap(({ jsonPointers = [] }) => jsonPointers) ?? []
      const { annotations = {}, ...deployment } = named('Deployment', name).metadata
      assert.is(deployment.namespace, 'models')
      assert.equal(ignored, scaling.autoscaled ? ['/spec/replicas'] : [], name)
      // The admission policy knows them by this.
      assert.is(annotations['slipway.dev/replicas'], scaling.autoscaled ? 'autoscaled' : undefined, name)
      assert.ok(spec?.syncPolicy.syncOptions.includes('RespectIgnoreDifferences=true'))
    }
    const kinds = new Set(prod.plan.models.map(({ scaling }) => scaling.autoscaled))
    assert.is(kinds.size, 2)
  })

  test('retry for a day and no longer: what is retried keeps all else of the Application from being healed', () => {
    for (const { metadata, spec } of applications) {
      const { limit, backoff } = spec.syncPolicy.retry
      let [wait, total] = [Number.parseInt(backoff.duration, 10), 0]
      for (let attempt = 0; attempt < limit; attempt += 1) {
        total += wait
        wait = Math.min(wait * backoff.factor, Number.parseInt(backoff.maxDuration, 10) * 60)
      }
      assert.ok(total > 22 * 3600 && total < 26 * 3600, `${metadata.name}: ${total} s`)
    }
  })

  test('hold back nothing old until what is new is healthy, but for charts', () => {
    for (const { metadata, spec } of applications)
      assert.is(spec.syncPolicy.syncOptions.includes('PruneLast=true'), spec.source.chart !== undefined, metadata.name)
  })

  test('say what is in their folder, so that a commit changes them when it changes that and else not', () => {
    const marks = ({ manifests }: typeof prod) =>
      new Map(
        manifests.flatMap(({ object }) => {
          const { source } = (object.spec ?? {}) as Application
          return object.kind === 'Application' && source.path !== undefined
            ? [[object.metadata.name, source.name ?? ''] as const]
            : []
        }),
      )
    const before = marks(prod)
    assert.is(before.size, new Set(prod.manifests.map(({ app }) => app)).size - 1)
    for (const mark of before.values()) assert.match(mark, /^content-[0-9a-f]{12}$/)
    const models = prod.plan.models.map((model) =>
      model.name === 'phi-4' ? { ...model, maxModelLen: model.maxModelLen / 2 } : model,
    )
    const after = marks({ ...prod, manifests: manifestsOf({ ...prod.plan, models }) })
    const changed = [...after].filter(([name, mark]) => before.get(name) !== mark)
    assert.equal(
      changed.map(([name]) => name),
      ['model-phi-4'],
    )
  })

  test('apply on the server, heal themselves and never wipe an Application by an empty folder', () => {
    for (const { metadata, spec } of applications) {
      assert.ok(spec.syncPolicy.syncOptions.includes('ServerSideApply=true'), metadata.name)
      assert.equal(spec.syncPolicy.automated, { prune: true, selfHeal: true })
    }
  })

  test('name a project of their own, never `default`, which allows nothing', () => {
    assert.equal([...new Set(applications.map(({ spec }) => spec.project))].sort(), ['models', 'platform'])
    const empty = named('AppProject', 'default').spec as { sourceRepos: unknown[]; destinations: unknown[] }
    assert.equal([empty.sourceRepos, empty.destinations], [[], []])
  })

  test('install every add-on from a pinned chart, OCI ones in Argo CD’s own form', () => {
    const charts = applications.filter(({ spec }) => spec.source.chart !== undefined)
    assert.equal(
      charts.map(({ metadata }) => metadata.name).sort(),
      prod.plan.addons.map(({ addon }) => addon.name).sort(),
    )
    for (const { spec } of charts) {
      assert.match(spec.source.targetRevision, /^v?\d+\.\d+\.\d+$/)
      assert.not.match(spec.source.repoURL, /^oci:/)
    }
  })

  test('leave no placeholder in chart values, and keep clusters apart', () => {
    const values = (of: typeof prod) =>
      JSON.stringify((named('Application', 'karpenter', of).spec as unknown as Application).source.helm?.valuesObject)
    assert.match(values(prod), '"clusterName":"prod"')
    assert.match(values(dev), '"clusterName":"dev"')
    for (const { spec } of applications) assert.not.match(JSON.stringify(spec), /\$\(cluster/)
  })

  test('allow models one namespace, no cluster-scoped kind, and sync only outside the window', () => {
    const spec = named('AppProject', 'models').spec as {
      destinations: { namespace: string }[]
      clusterResourceWhitelist: unknown[]
      syncWindows: { kind: string; manualSync: boolean }[]
    }
    assert.equal(
      spec.destinations.map(({ namespace }) => namespace),
      ['models'],
    )
    assert.equal(spec.clusterResourceWhitelist, [])
    assert.equal(
      spec.syncWindows.map(({ kind, manualSync }) => [kind, manualSync]),
      [['deny', true]],
    )
  })

  test('may only make kinds that their project lists', () => {
    const spec = named('AppProject', 'models').spec as { namespaceResourceWhitelist: { group: string; kind: string }[] }
    const allowed = spec.namespaceResourceWhitelist.map(({ group, kind }) => `${group} ${kind}`)
    for (const { app, object } of prod.manifests.filter(({ app: name }) => name.startsWith('model-'))) {
      const group = object.apiVersion.includes('/') ? object.apiVersion.split('/')[0] : ''
      assert.ok(allowed.includes(`${group} ${object.kind}`), `${app}: ${object.kind}`)
    }
  })
})

describe('namespaces', (test) => {
  test('have an Application to themselves, which can make them again while their content cannot be made', () => {
    const kinds = (folder: string) =>
      new Set(prod.manifests.filter(({ app }) => app === folder).map(({ object }) => object.kind))
    assert.equal([...kinds('namespaces')], ['Namespace'])
    assert.not.ok(kinds('namespace-defaults').has('Namespace'))
    assert.is(kinds('namespace-defaults').size, 7)
  })

  test('are restricted where our pods run, privileged only where add-ons need the host', () => {
    for (const { metadata } of ofKind('Namespace')) {
      const own = ['gateway', 'models', 'edge'].includes(metadata.name)
      const expected = own ? 'restricted' : privilegedNamespaces.includes(metadata.name) ? 'privileged' : 'baseline'
      assert.is(metadata.labels?.['pod-security.kubernetes.io/enforce'], expected, metadata.name)
    }
  })

  test('deny everything that no policy allows', () => {
    for (const name of [namespaces.gateway, namespaces.models, namespaces.edge]) {
      assert.equal(named('NetworkPolicy', `${name}-default-deny`).spec, {
        podSelector: {},
        policyTypes: ['Ingress', 'Egress'],
        // A list that is left out is no field of Git: what is added by hand would stay.
        ingress: [{ from: [nobody] }],
        egress: [{ to: [nobody] }],
      })
    }
  })

  test('limit GPUs to what the cluster may have', () => {
    const quota = ofKind('ResourceQuota').find(({ metadata }) => metadata.namespace === 'models')?.spec as {
      hard: Record<string, number>
    }
    assert.is(quota.hard['requests.nvidia.com/gpu'], 32)
  })

  test('never include kube-system or argocd', () => {
    assert.not.ok(ofKind('Namespace').some(({ metadata }) => ['kube-system', 'argocd'].includes(metadata.name)))
  })
})

describe('the request path', (test) => {
  const alb = 'alb.ingress.kubernetes.io'
  const anchor = named('Ingress', 'anchor')
  const gateway = named('Ingress', 'gateway')

  test('gives the settings of the balancer to the class of both Ingresses, so that either may be away', () => {
    const { loadBalancerAttributes, wafv2AclName } = named('IngressClassParams', 'slipway').spec as {
      loadBalancerAttributes: { key: string; value: string }[]
      wafv2AclName: string
    }
    assert.ok(
      loadBalancerAttributes.some(({ key, value }) => key === 'deletion_protection.enabled' && value === 'true'),
    )
    assert.is(wafv2AclName, 'prod-regional')
    for (const { spec, metadata } of [anchor, gateway]) {
      assert.is((spec as { ingressClassName: string }).ingressClassName, 'slipway')
      // An Ingress that protects the balancer by its own annotation can never be deleted, nor its namespace.
      assert.not.match(JSON.stringify(metadata.annotations), 'deletion_protection')
    }
  })

  test('has a permanent anchor: no rules, one default answer, never pruned', () => {
    const { annotations = {} } = anchor.metadata
    assert.is((anchor.spec as { rules?: unknown }).rules, undefined)
    assert.is(annotations[`${alb}/group.order`], '1000')
    assert.is(annotations[`${alb}/listen-ports`], '[{"HTTP":80}]')
    assert.is(annotations['argocd.argoproj.io/sync-options'], 'Prune=false,Delete=false')
    assert.is(JSON.parse(annotations[`${alb}/actions.not-found`] ?? '').fixedResponseConfig.statusCode, '404')
  })

  test('shares every balancer-wide setting between both Ingresses', () => {
    for (const key of [
      'group.name',
      'scheme',
      'target-type',
      'security-groups',
      'manage-backend-security-group-rules',
      'listen-ports',
    ]) {
      assert.is(gateway.metadata.annotations?.[`${alb}/${key}`], anchor.metadata.annotations?.[`${alb}/${key}`], key)
    }
    assert.is(anchor.metadata.annotations?.[`${alb}/scheme`], 'internal')
  })

  test('checks the gateway’s readiness on its admin port', () => {
    const { annotations = {} } = gateway.metadata
    assert.equal(
      [
        annotations[`${alb}/healthcheck-port`],
        annotations[`${alb}/healthcheck-path`],
        annotations[`${alb}/group.order`],
      ],
      ['9090', '/readyz', '10'],
    )
  })

  test('loses no request in a rollout: deregistration < preStop + drain < grace', () => {
    const spec = named('Deployment', 'gateway').spec as {
      replicas?: number
      template: {
        spec: {
          terminationGracePeriodSeconds: number
          containers: {
            env: { name: string; value?: string }[]
            lifecycle: { preStop: { sleep: { seconds: number } } }
          }[]
        }
      }
    }
    const [container] = spec.template.spec.containers
    const drain = Number(container?.env.find(({ name }) => name === 'DRAIN_SECONDS')?.value)
    const preStop = container?.lifecycle.preStop.sleep.seconds ?? 0
    const deregistration = Number(
      /deregistration_delay.timeout_seconds=(\d+)/.exec(
        gateway.metadata.annotations?.[`${alb}/target-group-attributes`] ?? '',
      )?.[1],
    )
    assert.ok(deregistration < preStop && preStop + drain < spec.template.spec.terminationGracePeriodSeconds)
    assert.is(spec.replicas, undefined)
  })

  test('lets only the ALB’s subnets in, and only the gateway to the Kubernetes API', () => {
    const spec = named('NetworkPolicy', 'gateway').spec as {
      ingress: { from: { ipBlock?: { cidr: string } }[] }[]
      egress: { to: { ipBlock?: { cidr: string } }[] }[]
    }
    const sources = spec.ingress[0]?.from.map(({ ipBlock }) => ipBlock?.cidr)
    assert.equal(sources, ['10.64.208.0/24', '10.64.209.0/24', '10.64.210.0/24'])
    const targets = spec.egress.flatMap(({ to }) => to.flatMap(({ ipBlock }) => ipBlock?.cidr ?? []))
    assert.ok(targets.includes('172.20.0.1/32'))
  })

  test('trusts no issuer on this machine', () => {
    for (const { object } of [...dev.manifests, ...prod.manifests])
      assert.not.match(JSON.stringify(object), /localhost|127\.0\.0\.1/)
  })

  test('gives the gateway no more than reading what it discovers', () => {
    for (const role of ofKind('Role').filter(({ metadata }) => metadata.name.startsWith('gateway'))) {
      for (const rule of role.rules as { verbs: string[]; resources: string[] }[]) {
        assert.equal(rule.verbs.toSorted(), ['get', 'list', 'watch'])
        assert.not.ok(rule.resources.includes('secrets'))
      }
    }
  })
})

describe('git-watch', (test) => {
  test('lists and patches Applications, and its patches are held by an admission policy', () => {
    assert.equal(named('Role', 'git-watch').rules, [
      { apiGroups: ['argoproj.io'], resources: ['applications'], verbs: ['list', 'patch'] },
    ])
    const policy = JSON.stringify(named('ValidatingAdmissionPolicy', 'git-watch').spec)
    assert.match(policy, "request.userInfo.username == 'system:serviceaccount:argocd:git-watch'")
    const binding = named('ValidatingAdmissionPolicyBinding', 'git-watch')
    assert.equal((binding.spec as { validationActions: string[] }).validationActions, ['Deny'])
    assert.is(binding.metadata.annotations?.['argocd.argoproj.io/sync-wave'], '-1', 'before the Role')
  })

  test('is the other program of the gateway’s image, on nodes that are there before Karpenter', () => {
    const { template } = named('Deployment', 'git-watch').spec as {
      template: { spec: { containers: { image: string; args: string[] }[]; nodeSelector: Record<string, string> } }
    }
    const [container] = template.spec.containers
    assert.equal(container?.args, [`/app/${gitWatchFile}`])
    assert.match(readFileSync(join(repositoryRoot, 'gateway/Dockerfile'), 'utf8'), `gateway/dist/${gitWatchFile}`)
    assert.match(container?.image ?? '', 'slipway-gateway')
    assert.equal(template.spec.nodeSelector, { 'slipway.dev/node-pool': 'system' })
  })
})

describe('nodes', (test) => {
  test('have one pool per GPU kind in use and one for CPU pods', () => {
    assert.equal(
      ofKind('NodePool')
        .map(({ metadata }) => metadata.name)
        .sort(),
      ['cpu', 'l4', 'l40s'],
    )
    assert.equal(
      ofKind('NodePool', dev)
        .map(({ metadata }) => metadata.name)
        .sort(),
      ['cpu', 'l4'],
    )
  })

  test('stop at the cluster’s GPUs, keep other pods away, and are bought as the models say', () => {
    const spec = named('NodePool', 'l4', dev).spec as {
      limits: Record<string, string>
      template: { spec: { taints: { key: string }[]; requirements: { key: string; values: string[] }[] } }
    }
    assert.is(spec.limits['nvidia.com/gpu'], '2')
    assert.is(spec.template.spec.taints[0]?.key, 'nvidia.com/gpu')
    assert.equal(spec.template.spec.requirements.find(({ key }) => key === 'karpenter.sh/capacity-type')?.values, [
      'on-demand',
      'spot',
    ])
  })

  test('have encrypted roots of at least 100 GiB, and metadata that pods cannot reach', () => {
    for (const { spec } of ofKind('EC2NodeClass')) {
      const { blockDeviceMappings, metadataOptions } = spec as {
        blockDeviceMappings: { ebs: { encrypted: boolean; volumeSize: string } }[]
        metadataOptions: { httpTokens: string; httpPutResponseHopLimit: number }
      }
      assert.equal(
        blockDeviceMappings.map(({ ebs }) => [ebs.encrypted, ebs.volumeSize]),
        [[true, '100Gi']],
      )
      assert.equal([metadataOptions.httpTokens, metadataOptions.httpPutResponseHopLimit], ['required', 1])
    }
  })
})

describe('secrets and tenants', (test) => {
  test('name secrets and hold none', () => {
    assert.equal(ofKind('Secret'), [])
    const remotes = ofKind('ExternalSecret').flatMap(({ spec }) =>
      (spec as { dataFrom: { extract: { key: string } }[] }).dataFrom.map(({ extract }) => extract.key),
    )
    assert.equal([...new Set(remotes)].sort(), ['slipway/prod/hf-token', 'slipway/prod/origin-verify'])
  })

  test('give the gateway one ConfigMap per tenant, with hashes of keys only', () => {
    const tenants = ofKind('ConfigMap').flatMap(({ data }) => {
      const text = (data as Record<string, string>)['tenant.json']
      return text === undefined ? [] : [JSON.parse(text)]
    })
    assert.equal(
      tenants.map(({ name }) => name),
      ['research', 'support'],
    )
    assert.equal(Object.keys(tenants[0].apiKeys[0]), ['id', 'sha256', 'expires'])
  })

  test('hold no AWS id in any object', () => {
    // The ARN of the alarm topic is made of names that are in the cluster file.
    const topic = `arn:aws:sns:${prod.plan.cluster.region}:${prod.plan.cluster.account}:${alarmTopic('prod')}`
    for (const { object } of prod.manifests) {
      const text = JSON.stringify(object).replaceAll(topic, '')
      assert.not.match(text, /\b(?:vpc|subnet|sg)-[0-9a-f]{8,}|arn:aws/)
    }
  })
})
