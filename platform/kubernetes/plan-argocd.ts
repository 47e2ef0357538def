// The one install of Argo CD: chart values and the secret by which it reads a private repository. Pure.
import { failures } from '../../gateway/smoke/outcome.ts'
import type { Cluster } from '../../generators/schema/cluster.ts'
import { labels, nodePoolLabel, smokeComponent, systemNodePool } from '../../generators/schema/contract.ts'
import { environments } from '../../generators/schema/environments.ts'
import { readAddress } from '../../generators/schema/git-address.ts'

/** argo-cd of https://argoproj.github.io/argo-helm; Argo CD 3.5.4. */
export const argoChart = { name: 'argo-cd', version: '10.10.2', repository: 'https://argoproj.github.io/argo-helm' }

/** Where a person finds Argo CD: it is not exposed, `kubectl port-forward` leads there. */
export const argoUrl = 'https://localhost:8080'

/** Argo CD has none of its own since 1.8; without it the root is Healthy before its children are. */
const applicationHealth = `local health = { status = "Progressing", message = "" }
if obj.status ~= nil and obj.status.health ~= nil then
  health.status = obj.status.health.status or health.status
  health.message = obj.status.health.message or health.message
end
return health
`

/**
 * As Argo CD’s own for a Job; of a smoke test the exit code, which is all that Kubernetes keeps in a Job, becomes the sentence again.
 * It counts for the health of its Application, which is what a reader of Argo CD sees.
 */
const jobHealth = `local sentences = {
${Object.values(failures)
  .map(({ code, sentence }) => `  ["${code}"] = "${sentence}",`)
  .join('\n')}
}
local health = { status = "Progressing", message = "" }
if obj.status ~= nil and obj.status.conditions ~= nil then
  for _, condition in ipairs(obj.status.conditions) do
    if condition.status == "True" and condition.type == "Failed" then
      health.status = "Degraded"
      health.message = condition.message or ""
      local labels = obj.metadata.labels or {}
      local code = string ~= nil and string.match(health.message, "exit code (%d+)") or nil
      if labels["${labels.component}"] == "${smokeComponent}" and code ~= nil and sentences[code] ~= nil then
        health.message = sentences[code] .. "; its log has the details"
      end
    elseif condition.status == "True" and condition.type == "Complete" then
      health.status = "Healthy"
    elseif condition.status == "True" and condition.type == "Suspended" then
      health.status = "Suspended"
    end
  end
end
return health
`

const oidcConfig = ({ oidc }: Cluster, clientId: string): string =>
  // JSON is YAML, and needs no care with quotes.
  JSON.stringify({
    name: 'SSO',
    issuer: oidc.issuer,
    clientID: clientId,
    enablePKCEAuthentication: true,
    ...(oidc.private?.certificateAuthority !== undefined && { rootCA: oidc.private.certificateAuthority }),
    requestedScopes: ['openid', 'profile', 'email', 'groups'],
  })

const accessPolicy = (groups: readonly string[]): string =>
  groups.map((group) => `g, ${JSON.stringify(group)}, role:admin`).join('\n')

export function argoValues(cluster: Cluster): Record<string, unknown> {
  const { sso } = cluster.gitops
  const replicas = environments[cluster.environment].argoReplicas
  return {
    // Karpenter’s nodes come and go, and at first there are none.
    global: { nodeSelector: { [nodePoolLabel]: systemNodePool } },
    crds: { install: true, keep: true },
    configs: {
      cm: {
        url: argoUrl,
        'admin.enabled': String(sso === undefined),
        'application.resourceTrackingMethod': 'annotation',
        'resource.customizations.health.argoproj.io_Application': applicationHealth,
        'resource.customizations.health.batch_Job': jobHealth,
        // Without Lua’s own libraries it has no `string`, and every Application with a failed Job would be Unknown.
        'resource.customizations.useOpenLibs.batch_Job': 'true',
        // git-watch asks for a look at the root every few seconds, and a commit changes the Applications whose folders it changes. Each
        // Application looks for itself only in case git-watch is away: compared at every commit, a hundred of them cost half a minute of CPU.
        'timeout.reconciliation': '900s',
        ...(sso === undefined ? {} : { 'oidc.config': oidcConfig(cluster, sso.clientId) }),
      },
      params: {
        // Twice the defaults: one Application per model.
        'controller.status.processors': '50',
        'controller.operation.processors': '25',
        // What is deleted again and again comes back within a minute, not five.
        'controller.self.heal.backoff.cap.seconds': '60',
      },
      ...(cluster.gitops.knownHosts.length > 0 && {
        ssh: { extraHosts: `${cluster.gitops.knownHosts.join('\n')}\n` },
      }),
      rbac: {
        'policy.default': sso === undefined ? '' : 'role:readonly',
        ...(sso === undefined ? {} : { 'policy.csv': accessPolicy(sso.adminGroups), scopes: '[groups]' }),
      },
    },
    // The issuer is asked directly.
    dex: { enabled: false },
    // Children are committed, never generated in the cluster.
    applicationSet: { replicas: 0 },
    notifications: { enabled: false },
    server: { replicas },
    repoServer: { replicas },
  }
}

/** The Helm release; from the mirror when the cluster file names one. */
export function argoRelease(cluster: Cluster) {
  const mirror = cluster.mirrors.charts
  return {
    name: 'argocd',
    version: argoChart.version,
    ...(mirror === undefined
      ? { chart: argoChart.name, repositoryOpts: { repo: argoChart.repository } }
      : { chart: `oci://${mirror}/${argoChart.name}` }),
    values: argoValues(cluster),
    // A release that does not become healthy is taken back.
    atomic: true,
    timeout: 900,
    maxHistory: 5,
  }
}

/** Keys of an Argo CD repository secret that a credential may have; `url` and `type` are ours. */
const credentialKeys = [
  'githubAppID',
  'githubAppInstallationID',
  'githubAppPrivateKey',
  'username',
  'password',
  'sshPrivateKey',
]

/** Data of the repository secret. Messages never show a value. */
export function repositorySecret({ gitops }: Cluster, json: string): Record<string, string> {
  const hint = `the secret ${gitops.credentials} must be a JSON object with string values under ${credentialKeys.join(', ')}`
  let given: unknown
  try {
    given = JSON.parse(json)
  } catch {
    throw new Error(`not JSON: ${hint}`)
  }
  const entries = typeof given === 'object' && given !== null ? Object.entries(given) : []
  const unknown = entries.find(([key, value]) => !credentialKeys.includes(key) || typeof value !== 'string')
  if (entries.length === 0 || unknown !== undefined) throw new Error(`${unknown?.[0] ?? 'nothing there'}: ${hint}`)
  if (readAddress(gitops.repoUrl).ssh && !entries.some(([key]) => key === 'sshPrivateKey'))
    throw new Error(`no sshPrivateKey, and ${gitops.repoUrl} is read over SSH: ${hint}`)
  return { type: 'git', url: gitops.repoUrl, ...(Object.fromEntries(entries) as Record<string, string>) }
}

/** How kubectl, Helm and Pulumi reach the cluster: tokens are signed by the role that runs them, for 15 minutes. */
export const kubeconfig = (cluster: Cluster, endpoint: string, certificateAuthority: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': cluster.name,
    clusters: [
      { name: cluster.name, cluster: { server: endpoint, 'certificate-authority-data': certificateAuthority } },
    ],
    contexts: [{ name: cluster.name, context: { cluster: cluster.name, user: cluster.name } }],
    users: [
      {
        name: cluster.name,
        user: {
          exec: {
            apiVersion: 'client.authentication.k8s.io/v1',
            command: 'aws',
            args: ['eks', 'get-token', '--cluster-name', cluster.name, '--region', cluster.region, '--output', 'json'],
            interactiveMode: 'Never',
          },
        },
      },
    ],
  })
