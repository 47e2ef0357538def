// The one install inside the cluster: order, limits of the root, login, and what stays out of it.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Application } from '@kubernetes-models/argo-cd/argoproj.io/v1alpha1/Application'
import { AppProject } from '@kubernetes-models/argo-cd/argoproj.io/v1alpha1/AppProject'
import { parse } from 'yaml'
import { bootstrapProject, rootApplication } from '../../../generators/render/argocd/root.ts'
import type { Cluster } from '../../../generators/schema/cluster.ts'
import { syncRetry } from '../../../generators/schema/contract.ts'
import { sampleRoot } from '../../../test/sample-tree.ts'
import { assert, describe } from '../../../test/spec.ts'
import { named, ofType } from '../../graph/graph.ts'
import { clusterNames, clusterOf, fullCluster, graphOf } from '../../test/graphs.ts'
import { argoValues, kubeconfig, repositorySecret } from '../plan-argocd.ts'

const full = fullCluster()
const config = (cluster: Cluster) => argoValues(cluster).configs as Record<string, Record<string, string>>

describe('Argo CD', (test) => {
  test('is a pinned release, and nothing else of the cluster is made by Pulumi', async () => {
    for (const name of clusterNames) {
      const graph = await graphOf(name)
      const kinds = graph.resources.map(({ type }) => type).filter((type) => type.startsWith('kubernetes:'))
      assert.equal(kinds.sort(), ['kubernetes:core/v1:Namespace', 'kubernetes:helm.sh/v3:Release'])
      assert.match(String(named(graph, `${name}-argocd-release`).inputs.version), /^\d+\.\d+\.\d+$/)
    }
  })

  test('comes after the nodes and what runs on them', async () => {
    const graph = await graphOf(full)
    const at = (name: string) => graph.resources.findIndex((resource) => resource.name === `${full.name}-${name}`)
    assert.ok(at('argocd-release') > at('system-nodes-group'))
    assert.ok(at('argocd-release') > at('addons-coredns'))
  })

  test('gets project and root after the release that brings their definitions, once gitops is enabled', async () => {
    const graph = await graphOf(full)
    assert.ok(named(graph, `${full.name}-argocd-bootstrap`).dependencies.includes(`${full.name}-argocd-release`))
    assert.ok(named(graph, `${full.name}-argocd-root`).dependencies.includes(`${full.name}-argocd-bootstrap`))
  })

  test('reads the folder that synth writes for this cluster', () => {
    for (const cluster of clusterNames.map(clusterOf)) {
      const { source } = rootApplication(cluster).spec ?? {}
      const folder = join(sampleRoot, source?.path ?? '')
      assert.ok(existsSync(folder) && readdirSync(folder).length > 0, folder)
      assert.is(source?.repoURL, cluster.gitops.repoUrl)
    }
  })

  test('lets the root make Applications and projects in its own namespace, which is all that its folder holds', () => {
    const { spec } = bootstrapProject(full)
    assert.equal(spec?.clusterResourceWhitelist, [])
    assert.equal(spec?.destinations, [{ server: 'https://kubernetes.default.svc', namespace: 'argocd' }])
    const allowed = spec?.namespaceResourceWhitelist?.map(({ group, kind }) => `${group}/${kind}`)
    const folder = join(sampleRoot, `clusters/${clusterNames[0]}/rendered/argocd`)
    const kinds = readdirSync(folder).map((file) => {
      const { apiVersion, kind } = parse(readFileSync(join(folder, file), 'utf8')) as {
        apiVersion: string
        kind: string
      }
      return `${apiVersion.split('/')[0]}/${kind}`
    })
    assert.equal([...new Set(kinds)].sort(), allowed?.sort())
  })

  test('has a root that fits Argo CD’s own schemas', () => {
    new AppProject(bootstrapProject(full)).validate()
    new Application(rootApplication(full)).validate()
  })

  test('removes nothing with the root Application, and retries as its children do', () => {
    const { metadata, spec } = rootApplication(full)
    assert.is(metadata?.finalizers, undefined)
    assert.equal(spec?.syncPolicy?.retry, syncRetry)
    // A commit touches a few of a thousand Applications.
    assert.ok(spec?.syncPolicy?.syncOptions?.includes('ApplyOutOfSyncOnly=true'))
  })

  test('knows when an Application is healthy', () => {
    assert.match(config(full).cm?.['resource.customizations.health.argoproj.io_Application'] ?? '', 'return health')
  })

  test('lets people in through the issuer of the cluster, admins by group, and the built-in user only without it', () => {
    const oidc = JSON.parse(config(full).cm?.['oidc.config'] ?? '') as Record<string, unknown>
    assert.equal([oidc.issuer, oidc.clientID, oidc.enablePKCEAuthentication], [full.oidc.issuer, 'argo', true])
    assert.is(config(full).cm?.['admin.enabled'], 'false')
    assert.is(config(full).rbac?.['policy.csv'], 'g, "platform", role:admin\ng, "on call", role:admin')
    const [plain] = clusterNames.map(clusterOf)
    if (plain === undefined) throw new Error('there is no cluster')
    assert.is(config(plain).cm?.['admin.enabled'], 'true')
    assert.is(config(plain).cm?.['oidc.config'], undefined)
  })

  test('has no secret among its values', () => {
    assert.not.match(JSON.stringify(argoValues(full)), /password|privateKey|clientSecret|token/i)
  })

  test('takes the chart from the mirror of an air-gapped cluster', async () => {
    const mirrored = { ...full, mirrors: { charts: 'registry.internal/charts' } }
    const { inputs } = named(await graphOf(mirrored), `${full.name}-argocd-release`)
    assert.is(inputs.chart, 'oci://registry.internal/charts/argo-cd')
    assert.is(inputs.repositoryOpts, undefined)
  })
})

describe('credentials of the repository', (test) => {
  test('go from Secrets Manager into a repository secret that Pulumi keeps encrypted', async () => {
    const secret = named(await graphOf(full), `${full.name}-argocd-repository`)
    assert.equal(secret.secrets, ['stringData'])
    assert.equal(secret.inputs.stringData, {
      type: 'git',
      url: full.gitops.repoUrl,
      username: 'git',
      password: 'not a password',
      sshPrivateKey: 'not a key',
    })
    const { labels } = secret.inputs.metadata as { labels: Record<string, string> }
    assert.is(labels['argocd.argoproj.io/secret-type'], 'repository')
  })

  for (const [what, json] of [
    ['no JSON', 'ghp_1234'],
    ['unknown keys', '{"url": "https://elsewhere.example"}'],
    ['values that are no text', '{"username": 1}'],
    ['nothing', '{}'],
    ['a list', '["ghp_1234"]'],
  ] as const) {
    test(`with ${what} are refused, and not shown`, () => {
      try {
        repositorySecret(full, json)
        assert.unreachable()
      } catch (error) {
        assert.match(String(error), 'must be a JSON object with string values under githubAppID')
        assert.not.match(String(error), /ghp_1234|elsewhere/)
      }
    })
  }

  test('are not asked for when the cluster file names none', async () => {
    for (const name of clusterNames) assert.equal(ofType(await graphOf(name), 'kubernetes:core/v1:Secret'), [])
  })
})

describe('kubeconfig', (test) => {
  test('holds no credential: a token is signed for the role that runs Pulumi', () => {
    const { users } = JSON.parse(kubeconfig(full, 'https://api', 'Y2E=')) as {
      users: { user: { exec: { command: string; args: string[] } } }[]
    }
    assert.is(users[0]?.user.exec.command, 'aws')
    assert.match(
      users[0]?.user.exec.args.join(' ') ?? '',
      `eks get-token --cluster-name ${full.name} --region eu-central-1`,
    )
  })
})
