// Addresses of Git repositories: how Argo CD clones one, and where a browser shows its files.
import { httpsAddress, portNumber } from './fields.ts'

const ssh = `(ssh://[\\w.-]+@[\\w.-]+(:${portNumber})?/|[\\w.-]+@[\\w.-]+:)[^\\s:]\\S*`

/** HTTPS, or SSH in either form that Git knows. */
export const repositoryPattern = `^(${httpsAddress}|${ssh})$`

/** OpenSSH’s own form of a line: names of a host, kind of key, key. */
export const knownHostPattern = `^(\\[?[\\w.-]+\\]?(:${portNumber})?,?)+ (ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)) [A-Za-z0-9+/]+={0,2}$`

/** The chart of Argo CD knows the keys of these. */
export const publicGitHosts = ['github.com', 'gitlab.com', 'bitbucket.org', 'ssh.dev.azure.com', 'ssh.github.com']

export interface GitAddress {
  host: string
  /** Of SSH, when it is not 22. */
  port?: number
  /** OWNER/NAME, with every group of GitLab. */
  path: string
  ssh: boolean
}

const withoutEnding = (path: string): string => path.replace(/^\/+/, '').replace(/(?:\.git)?\/?$/, '')

export function readAddress(text: string): GitAddress {
  const short = /^[\w.-]+@([\w.-]+):(.+)$/.exec(text)
  if (short !== null) return { host: short[1] ?? '', path: withoutEnding(short[2] ?? ''), ssh: true }
  const { protocol, hostname, port, host, pathname } = new URL(text)
  const isSsh = protocol === 'ssh:'
  return {
    host: isSsh ? hostname : host,
    ...(isSsh && port !== '' && port !== '22' && { port: Number(port) }),
    path: withoutEnding(pathname),
    ssh: isSsh,
  }
}

/** GitLab has its own files below a dash. */
const blobOf = (host: string): string => (/(?:^|[.-])gitlab(?:[.-]|$)/.test(host) ? '-/blob' : 'blob')

export interface Pages {
  repoUrl: string
  revision: string
  pages?: string
}

/** Where a browser shows a file of the repository. */
export function pageUrl({ repoUrl, revision, pages }: Pages, file: string): string {
  const { host, path } = readAddress(repoUrl)
  return `${pages ?? `https://${host}/${path}/${blobOf(host)}`}/${revision}/${file}`
}
