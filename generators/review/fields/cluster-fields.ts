// What a change of each field of a cluster file means. Values are judged with their defaults filled in.
import { environments } from '../../schema/environments.ts'
import { judgeCountries } from './countries.ts'
import { judgeEdge } from './edge.ts'
import { networkFields } from './network-fields.ts'
import { amount, by, changes, type FieldTable, flag, growth, list, section, shown, within } from './row.ts'
import { chartValues } from './shared-fields.ts'

const sso = within('gitops.sso')

export const clusterFields: FieldTable = {
  region: changes('caution', 'the cluster is made anew there, with everything in it; nothing moves along.'),
  account: changes('caution', 'the cluster is made anew in that account, with everything in it; nothing moves along.'),
  domain: changes('caution', 'clients that call the old name get no answer any more.'),
  environment: {
    judge: ({ before, after }) => {
      const [old, fresh] = [before, after].map((name) => environments[name as keyof typeof environments])
      const arrow = ` ${shown(before)} → ${shown(after)}`
      return fresh !== undefined && old !== undefined && fresh.zones < old.zones
        ? ['caution', `${arrow}: fewer zones and NAT gateways, shorter log retention, smaller system nodes.`]
        : ['warning', `${arrow}: more zones, a NAT gateway in each, larger system nodes; it costs more.`]
    },
  },
  'tags.*': changes('warning', 'resources are tagged anew; Karpenter replaces its nodes, one of a pool at a time.'),
  permissionBoundary: section({
    added: ['warning', 'no role of the platform may do more than that policy allows: what it lacks stops working.'],
    removed: ['caution', 'nothing limits the roles of the platform any more; an administrator has to take it off.'],
    changed: ['warning', 'another policy limits every role of the platform: what it lacks stops working.'],
  }),
  'gitops.enabled': flag({
    on: ['warning', 'Argo CD begins to apply what this repository says.'],
    off: ['caution', 'the root Application goes: no commit reaches the cluster, and nothing is healed any more.'],
  }),
  'gitops.repoUrl': changes('caution', 'Argo CD applies what that repository says, with all rights in the cluster.'),
  'gitops.revision': changes('caution', 'Argo CD follows another branch: what is written there runs.'),
  'gitops.credentials': changes('warning', 'Argo CD reads the repository with another secret, which must be there.'),
  'gitops.knownHosts': list({
    added: ['caution', 'a host with this key may give Argo CD what runs.'],
    removed: ['warning', 'a host with this key gives Argo CD nothing any more; of its repository no change arrives.'],
  }),
  'gitops.pages': changes('note', 'links of alerts and alarms lead to another place.'),
  'gitops.sso': section({
    added: ['warning', 'people log in to Argo CD through the issuer; the groups that are named administer it.'],
    removed: ['warning', 'nobody logs in to Argo CD through the issuer any more; its built-in admin user is left.'],
    changed: ['caution', 'other people may log in to Argo CD or administer it: look at `adminGroups`.'],
  }),
  'gitops.sso.clientId': sso,
  'gitops.sso.adminGroups': sso,
  'gpu.maxGpus.*': amount({
    more: [growth, 'models may cost that much more before synth refuses.'],
    less: ['note', 'the GPUs that are left are in the table above.'],
    gone: ['warning', 'the cluster has no GPUs of this kind any more.'],
  }),
  'gpu.reservations': section({
    added: ['note', 'nodes are started in what is reserved, which is paid whether it is used or not.'],
    removed: ['warning', 'nothing reserved is used any more: GPUs are there only when AWS has some.'],
    changed: ['warning', 'other GPUs are reserved, or for another time: what is not reserved may not be there.'],
  }),
  'gpu.reservations[]': within('gpu.reservations'),
  ...networkFields,
  'nodes.ami': by('nodes-replaced'),
  'nodes.systemRelease': changes('warning', 'the system nodes are replaced one by one, new before old.'),
  'nodes.expireAfter': by('nodes-expire', 'nodes-replaced'),
  'nodes.quietHours': by('node-budgets'),
  'nodes.quietHours[].days': by('node-budgets'),
  'nodes.quietHours[].from': by('node-budgets'),
  'nodes.quietHours[].hours': by('node-budgets'),
  'oidc.kind': changes('caution', 'client, audience and scopes are read from other claims of a token.'),
  'oidc.issuer': changes('caution', 'tokens of the old issuer get 401, and those that the new one signs may call.'),
  'oidc.audiences': list({
    added: ['caution', 'tokens that were made for it may call.'],
    removed: ['warning', 'tokens that were made for it get 401.'],
  }),
  'oidc.private.cidrs': list({
    added: [
      'caution',
      'the gateway may open connections there, and it alone checks tokens: the HTTP API lets every request through.',
    ],
    removed: [
      'warning',
      'the gateway asks for keys there no more; without the section the HTTP API checks tokens too, and must reach the issuer.',
    ],
  }),
  'oidc.private.certificateAuthority': changes(
    'caution',
    'an issuer with a certificate of this authority decides which tokens are good.',
  ),
  'oidc.jwksUri': changes('caution', 'the keys of another address decide which tokens are good.'),
  'oidc.scopes': list({
    added: ['caution', 'tokens that have it, and none of the others, may call too.'],
    removed: ['warning', 'tokens that have none of the others get 403.'],
  }),
  'kubernetesApi.publicCidrs': list({
    added: ['caution', 'the Kubernetes API answers it from the internet.'],
    removed: ['warning', 'the Kubernetes API answers it no more; deployments from there fail.'],
  }),
  'kubernetesApi.adminRoles': list({
    added: ['caution', 'it administers the cluster: every Secret, every pod.'],
    removed: ['warning', 'it administers the cluster no more; the role that runs Pulumi must be among those left.'],
  }),
  'kubernetesApi.viewRoles': list({
    added: ['warning', 'it reads everything in the cluster but Secrets.'],
    removed: ['warning', 'it reads the cluster no more; the role that previews changes must be among those left.'],
  }),
  'edge.kind': { judge: ({ before, after }) => judgeEdge(before, after) },
  'edge.clientCidrs': list({
    added: ['caution', 'clients there may connect to the load balancer.'],
    removed: ['warning', 'clients there get no connection any more.'],
  }),
  'edge.privateZone': changes(
    'caution',
    'the record of the domain moves to the other zone of that name: clients that ask the old one find nothing.',
  ),
  'edge.hostedZone': changes(
    'caution',
    'the records of the domain move to another zone; until it answers nobody finds the cluster.',
  ),
  'edge.certificates': section({
    added: ['warning', 'certificates of your own, and the records of the domain are yours too.'],
    removed: [
      'caution',
      'the platform makes certificates and records of the domain itself: its zone must be in the account.',
    ],
    changed: ['warning', 'clients are shown another certificate: it must name the domain.'],
  }),
  'edge.certificates.edge': within('edge.certificates'),
  'edge.certificates.api': within('edge.certificates'),
  'edge.mutualTls': section({
    added: [
      'warning',
      'api.DOMAIN takes nobody without the client certificate once a truststore is named; CloudFront must send it first.',
    ],
    removed: [
      'caution',
      'api.DOMAIN answers callers past CloudFront and its firewall again; the origin secret alone refuses them.',
    ],
    changed: [
      'caution',
      'another certificate is sent, or other authorities are taken: where the two do not fit, the api lane is closed.',
    ],
  }),
  'edge.mutualTls.certificate': within('edge.mutualTls'),
  'edge.mutualTls.truststore': within('edge.mutualTls'),
  'edge.mutualTls.truststoreVersion': within('edge.mutualTls'),
  'edge.streamLane': flag({
    on: ['warning', 'offers /stream/*: there the gateway alone checks tokens and keys.'],
    off: ['caution', '/stream/* goes through the HTTP API: no stream is longer than it allows, and API keys get 401.'],
  }),
  'edge.corsOrigins': list({
    added: ['caution', 'its pages may call with the tokens that their readers have.'],
    removed: ['warning', 'browsers keep the answers from its pages.'],
  }),
  'edge.rateLimit': amount({
    more: [growth, 'requests without credentials per address and minute; more of a flood gets through.'],
    less: [
      'warning',
      'requests without credentials per address and minute; offices behind one address get 429 sooner.',
    ],
  }),
  'edge.abuseLimit': amount({
    more: [growth, 'requests with credentials per address and minute; more guesses of a key get through.'],
    less: ['warning', 'requests with credentials per address and minute; busy clients get 429 sooner.'],
  }),
  'edge.geo': { judge: ({ before, after }) => judgeCountries(before, after) },
  'edge.geo.mode': within('edge.geo'),
  'edge.geo.countries': within('edge.geo'),
  'telemetry.collector': {
    judge: ({ before, after }) => [
      'warning',
      after === undefined
        ? ': the collector goes, and with it all traces.'
        : ` ${shown(before)} → ${shown(after)}: spans of all requests that are sampled go there; engines that send spans are rolled.${after === 'xray' ? ' Its rights come from the platform: `npm run platform -- up` before the merge, or its pods have none until they are restarted.' : ''}`,
    ],
  },
  'telemetry.otlpEndpoint': changes('warning', 'traces go to another place; engines that send spans are rolled.'),
  'telemetry.engines': changes('note', 'engines are rolled.'),
  'monitoring.emails': list({ removed: ['warning', 'it gets no alarms any more.'] }),
  'monitoring.monthlyUsd': amount({ more: [growth, 'a bill that runs away is noticed that much later.'] }),
  'monitoring.logRetentionDays': amount({
    more: [[[10, 'note']], 'days for which logs are kept, and paid.'],
    less: ['caution', 'days for which logs are kept; older ones are deleted.'],
  }),
  'monitoring.canary': section({
    added: ['note', 'the canary calls with a token of that client.'],
    removed: ['warning', 'the canary calls without a token: nothing watches the way to a model any more.'],
    changed: ['warning', 'the canary sends the secret of its client to another address, or as another client.'],
  }),
  'monitoring.canary.tokenUrl': within('monitoring.canary'),
  'monitoring.canary.clientId': within('monitoring.canary'),
  'addons.*.enabled': flag({
    on: ['note', 'the add-on is installed.'],
    off: ['caution', 'the add-on goes from the cluster, with all that it does there.'],
  }),
  'addons.*.values': chartValues,
  'weights.source': changes('warning', 'pods of all models are rolled, and get their weights from another place.'),
  'weights.keepDays': amount({
    more: [[[10, 'note']], 'days for which unused weights are kept, and paid.'],
    less: ['note', 'days for which unused weights are kept; a way back that is older copies them again.'],
  }),
  'weights.buckets': list({
    added: ['warning', 'the Job that copies weights may read all of it.'],
    removed: ['warning', 'models of it cannot be copied any more.'],
  }),
  'mirrors.images': changes('caution', 'the images of engines and of Slipway come from there.'),
  'mirrors.hub': changes('warning', 'weights come from there; those without a locked hash are trusted.'),
  'mirrors.cidrs': list({
    added: ['warning', 'what fetches weights may reach it.'],
    removed: ['warning', 'what fetches weights may reach it no more.'],
  }),
  'mirrors.pullSecret': flag({
    on: ['note', 'images are pulled with the login of a secret, which must be there.'],
    off: ['warning', 'images are pulled without a login.'],
  }),
  'mirrors.charts': changes('caution', 'charts of all add-ons come from there, and run with rights in the cluster.'),
  syncWindows: section({
    added: ['warning', 'commits to models are held back in these windows.'],
    removed: ['warning', 'commits to models are applied at any hour.'],
    changed: ['warning', 'commits to models are held back at other times.'],
  }),
  'syncWindows[].kind': within('syncWindows'),
  'syncWindows[].schedule': within('syncWindows'),
  'syncWindows[].duration': within('syncWindows'),
  'syncWindows[].timeZone': within('syncWindows'),
}
