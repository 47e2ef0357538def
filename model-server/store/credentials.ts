// Credentials of AWS: of the environment, or of EKS Pod Identity, asked for again before they end.
import { readFileSync } from 'node:fs'
import { exchange, readText } from '../fetch/exchange.ts'
import { Unavailable } from '../fetch/unavailable.ts'
import type { Environment } from '../hub/hub-source.ts'
import { UserMistake } from '../user-mistake.ts'

export interface Credentials {
  accessKeyId: string
  secretAccessKey: string
  sessionToken?: string
}

/** Another set is asked for this long before the end. */
const marginMs = 5 * 60_000

/** The agent of EKS, that of ECS, and this machine: nobody else may get the token over plain HTTP, as in AWS’s own clients. */
const trusted = /^(?:169\.254\.170\.23|169\.254\.170\.2|\[fd00:ec2::23\]|127\.\d+\.\d+\.\d+|\[::1\]|localhost)$/

export type CredentialSource = () => Promise<Credentials>

/** @throws UserMistake when the environment names none */
export function credentialSource(env: Environment): CredentialSource {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: token } = env
  if (accessKeyId && secretAccessKey) {
    const fixed = { accessKeyId, secretAccessKey, ...(token ? { sessionToken: token } : {}) }
    return () => Promise.resolve(fixed)
  }
  const address = env.AWS_CONTAINER_CREDENTIALS_FULL_URI
  if (!address)
    throw new UserMistake(
      'no credentials of AWS: in a cluster the pod’s service account needs a Pod Identity; elsewhere set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
    )
  const url = new URL(address)
  if (url.protocol !== 'https:' && !trusted.test(url.hostname))
    throw new UserMistake(`AWS_CONTAINER_CREDENTIALS_FULL_URI ${address}: neither HTTPS nor an address of this node`)
  return fromContainer(url, env)
}

function fromContainer(url: URL, env: Environment): CredentialSource {
  let current: Promise<Credentials> | undefined
  let endsAt = 0
  const ask = async (): Promise<Credentials> => {
    const { credentials, expiration } = await askAgent(url, env)
    endsAt = expiration
    return credentials
  }
  return () => {
    if (current === undefined || Date.now() > endsAt - marginMs) {
      endsAt = Number.POSITIVE_INFINITY
      current = ask().catch((error: unknown) => {
        current = undefined
        throw error
      })
    }
    return current
  }
}

/** The file is read each time: the kubelet writes a new token into it. */
async function askAgent(url: URL, env: Environment): Promise<{ credentials: Credentials; expiration: number }> {
  const file = env.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE
  const authorization = file ? readFileSync(file, 'utf8').trim() : env.AWS_CONTAINER_AUTHORIZATION_TOKEN
  const answer = await exchange({ url, headers: authorization ? { authorization } : {}, stallSeconds: 10 })
  const text = await readText(answer, url.host)
  if (answer.statusCode !== 200)
    throw new Unavailable(`${url.host}: answers ${answer.statusCode} instead of credentials: ${text.slice(0, 200)}`)
  const { AccessKeyId, SecretAccessKey, Token, Expiration } = JSON.parse(text) as Record<string, string | undefined>
  if (!AccessKeyId || !SecretAccessKey) throw new Unavailable(`${url.host}: its answer holds no credentials`)
  return {
    credentials: {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      ...(Token ? { sessionToken: Token } : {}),
    },
    expiration: Expiration ? Date.parse(Expiration) : Number.POSITIVE_INFINITY,
  }
}
