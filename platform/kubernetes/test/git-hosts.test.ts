// Repositories on GitLab, on a Git host of one’s own, and over SSH; images in ECR: what Argo CD, the alerts, the roles and the nodes get.
import { parse, stringify } from 'yaml'
import { renderRepository } from '../../../generators/pipeline.ts'
import { rootApplication } from '../../../generators/render/argocd/root.ts'
import { withDefaults } from '../../../generators/schema/cluster-defaults.ts'
import { readAddress } from '../../../generators/schema/git-address.ts'
import { validFixture, withRepository } from '../../../generators/test/fixture.ts'
import { assert, describe } from '../../../test/spec.ts'
import { costLines, totalUsd } from '../../cost/plan-cost.ts'
import { githubRepository } from '../../deployer/plan-template.ts'
import { ofType } from '../../graph/graph.ts'
import { runbookUrl } from '../../monitoring/plan-alarms.ts'
import { clusterFileOf, graphOf } from '../../test/graphs.ts'
import { casesOf } from '../../walk/cases.ts'
import { expectedGateway } from '../../walk/expected-answer.ts'
import { sampleCredentials } from '../../walk/sample-token.ts'
import { declareWith } from '../../walk/test/declare-with.ts'
import { walk } from '../../walk/walk.ts'
import { argoValues, repositorySecret } from '../plan-argocd.ts'

const ownHost = 'git.corp.example ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFoo'
const ownPort = '[git.corp.example]:7999 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFoo'

const clusterWith = (gitops: object) => {
  const file = clusterFileOf('prod')
  return withDefaults('prod', { ...file, gitops: { ...file.gitops, ...gitops } })
}

const overSsh = {
  repoUrl: 'git@git.corp.example:llm/slipway.git',
  credentials: 'slipway/prod/repository',
  knownHosts: [ownHost],
}

/** Of a cluster file with this section; and a link of the alerts that are rendered. */
const rendered = (gitops: object): { problems: string[]; link: string } =>
  withRepository(validFixture, ({ root, read, write }) => {
    const path = 'clusters/blue/cluster.yaml'
    const file = parse(read(path)) as { gitops: object }
    write(path, stringify({ ...file, gitops: { ...file.gitops, ...gitops } }))
    const { diagnostics, files } = renderRepository(root, { models: [], clusters: ['blue'] })
    return {
      problems: diagnostics.map(({ code, message, hint }) => `${code} ${message} -> ${hint}`),
      link: files.map(({ text }) => /runbook_url: (\S+)/.exec(text)?.[1]).find(Boolean) ?? '',
    }
  })

describe('the address of a repository', (test) => {
  test('is read in every form', () => {
    const forms: [string, object][] = [
      ['https://github.com/acme/llm', { host: 'github.com', path: 'acme/llm', ssh: false }],
      [
        'https://git.corp.example:8443/llm/slipway.git/',
        { host: 'git.corp.example:8443', path: 'llm/slipway', ssh: false },
      ],
      ['git@gitlab.com:a/b/c.git', { host: 'gitlab.com', path: 'a/b/c', ssh: true }],
      ['ssh://git@git.corp.example:7999/a/b.git', { host: 'git.corp.example', port: 7999, path: 'a/b', ssh: true }],
      ['ssh://git@git.corp.example/a/b', { host: 'git.corp.example', path: 'a/b', ssh: true }],
    ]
    for (const [text, expected] of forms) assert.equal(readAddress(text), expected, text)
  })

  test('gives alerts and alarms a page that a browser shows', () => {
    const links: [object, string][] = [
      [{ repoUrl: 'https://github.com/acme/llm.git' }, 'https://github.com/acme/llm/blob/main/'],
      [{ repoUrl: 'https://gitlab.com/acme/team/llm' }, 'https://gitlab.com/acme/team/llm/-/blob/main/'],
      [{ ...overSsh, revision: 'live' }, 'https://git.corp.example/llm/slipway/blob/live/'],
      [
        { ...overSsh, pages: 'https://git.corp.example/llm/slipway/src/branch' },
        'https://git.corp.example/llm/slipway/src/branch/main/',
      ],
    ]
    for (const [gitops, start] of links) {
      const { problems, link } = rendered(gitops)
      assert.equal(problems, [])
      assert.ok(link.startsWith(`${start}docs/alerts/`), link)
      assert.is(runbookUrl(clusterWith(gitops), 'README'), `${start}platform/monitoring/alarms/README.md`)
    }
  })

  test('over SSH needs the key of Argo CD, and of a host that it does not know', () => {
    const credentials = 'slipway/blue/repository'
    const cases: [gitops: object, says: RegExp | undefined][] = [
      [{ repoUrl: 'git@github.com:acme/llm.git', credentials }, undefined],
      [{ repoUrl: 'ssh://git@git.corp.example:7999/a/b', credentials, knownHosts: [ownPort] }, undefined],
      [{ repoUrl: 'git@github.com:acme/llm.git' }, /^GIT_SSH SSH asks everybody for a key.*slipway\/blue\/repository/],
      [
        { repoUrl: 'git@git.corp.example:a/b', credentials },
        /^GIT_SSH Argo CD does not know the key of git\.corp\.example -> .*ssh-keyscan git\.corp\.example/,
      ],
      [
        { repoUrl: 'ssh://git@git.corp.example:7999/a/b', credentials, knownHosts: [ownHost] },
        /\[git\.corp\.example\]:7999.*ssh-keyscan -p 7999/,
      ],
      [{ repoUrl: 'git@github.com acme', credentials }, /^FIELD_VALUE /],
      [{ repoUrl: 'http://github.com/acme/llm' }, /^FIELD_VALUE /],
      [{ ...overSsh, knownHosts: ['git.corp.example'] }, /^FIELD_VALUE /],
    ]
    for (const [gitops, says] of cases) {
      const { problems } = rendered(gitops)
      if (says === undefined) assert.equal(problems, [])
      else assert.match(problems.join('\n'), says)
    }
  })
})

describe('a repository over SSH on a host of one’s own', (test) => {
  const cluster = clusterWith(overSsh)

  test('is what the root Application reads, with the key of the secret and of the host', () => {
    assert.is((rootApplication(cluster).spec.source as { repoURL: string }).repoURL, overSsh.repoUrl)
    const { configs } = argoValues(cluster) as { configs: { ssh?: { extraHosts: string } } }
    assert.equal(configs.ssh, { extraHosts: `${ownHost}\n` })
    assert.is((argoValues(clusterWith({})) as typeof configs & { configs: typeof configs }).configs.ssh, undefined)
    assert.equal(repositorySecret(cluster, '{"sshPrivateKey":"k"}'), {
      type: 'git',
      url: overSsh.repoUrl,
      sshPrivateKey: 'k',
    })
    assert.throws(
      () => repositorySecret(cluster, '{"username":"u","password":"p"}'),
      /^no sshPrivateKey, and git@git\.corp/,
    )
  })

  test('gets no roles of GitHub’s workflows; one on GitHub does, in both forms', () => {
    assert.is(githubRepository(cluster), undefined)
    for (const repoUrl of ['https://github.com/acme/llm.git', 'git@github.com:acme/llm.git'])
      assert.is(githubRepository(clusterWith({ repoUrl })), 'acme/llm')
    assert.is(githubRepository(clusterWith({ repoUrl: 'https://gitlab.com/acme/llm' })), undefined)
  })

  test('changes nothing of the way of a request, and costs nothing', async () => {
    const declared = await declareWith('keycloak', {}, { gitops: { enabled: false, ...overSsh } })
    for (const one of casesOf(declared, sampleCredentials(declared)).filter(({ absent }) => absent === undefined)) {
      const { answer, answeredBy } = await walk(declared, one.request, expectedGateway(declared))
      assert.equal({ status: answer.status, by: answeredBy }, one.expected, one.name)
    }
    assert.is(totalUsd(costLines(declared.graph)), totalUsd(costLines(await graphOf('dev'))))
  })
})

describe('images in ECR', (test) => {
  const registry = '111122223333.dkr.ecr.eu-central-1.amazonaws.com'

  test('are what pods run, and nodes may pull them', async () => {
    const images = withRepository(validFixture, ({ root, read, write }) => {
      write('apps/images.yaml', read('apps/images.yaml').replaceAll('ghcr.io/example', `${registry}/llm`))
      const { diagnostics, files } = renderRepository(root, { models: [], clusters: ['blue'] })
      assert.equal(diagnostics, [])
      return files.flatMap(({ text }) => text.match(/image: \S+slipway-\S+/g) ?? [])
    })
    assert.ok(images.length > 1)
    assert.equal(
      images.filter((image) => !image.startsWith(`image: ${registry}/llm/slipway-`)),
      [],
    )
    const attached = ofType(await graphOf('dev'), 'aws:iam/rolePolicyAttachment:RolePolicyAttachment')
    const pull = attached.filter(({ inputs }) => /AmazonEC2ContainerRegistryPullOnly$/.test(String(inputs.policyArn)))
    assert.ok(pull.length >= 2, 'system nodes and Karpenter’s')
  })
})
