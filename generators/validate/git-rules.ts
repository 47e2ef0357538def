// Rules about how Argo CD reads the repository.
import type { SourceFile } from '../load/source-file.ts'
import type { Cluster } from '../schema/cluster.ts'
import { publicGitHosts, readAddress } from '../schema/git-address.ts'
import type { Findings } from './findings.ts'

export function checkRepository({ name, gitops }: Cluster, file: SourceFile, findings: Findings): void {
  const { host, port, ssh } = readAddress(gitops.repoUrl)
  if (!ssh) return
  const place = ['gitops', 'repoUrl']
  if (gitops.credentials === undefined) {
    const hint = `credentials: slipway/${name}/repository, a secret {"sshPrivateKey": "…"} of a deploy key that only reads`
    findings.add('GIT_SSH', file.position(place), 'SSH asks everybody for a key, and no credentials are named', hint)
  }
  const named = port === undefined ? host : `[${host}]:${port}`
  const isKnown = gitops.knownHosts.some((line) => line.split(' ')[0]?.split(',').includes(named))
  if (isKnown || (publicGitHosts.includes(host) && port === undefined)) return
  const keyscan = port === undefined ? host : `-p ${port} ${host}`
  const hint = `knownHosts: ["${named} ssh-ed25519 …"], from ssh-keyscan ${keyscan}, compared with what its administrator says`
  findings.add('GIT_SSH', file.position(place), `Argo CD does not know the key of ${named}`, hint)
}
