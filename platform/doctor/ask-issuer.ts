// Reads an issuer’s discovery document and keys, as API Gateway does when it makes an authorizer.
import type { Cluster } from '../../generators/schema/cluster.ts'
import { discoveryUrl, type IssuerAnswers } from './issuer.ts'

const seconds = 10

export async function askIssuer({ oidc: { issuer, jwksUri } }: Cluster): Promise<IssuerAnswers> {
  const problems: string[] = []
  const read = async <T>(url: string): Promise<T | undefined> => {
    try {
      const answer = await fetch(url, { signal: AbortSignal.timeout(seconds * 1000) })
      if (answer.ok) return (await answer.json()) as T
      problems.push(`${url}: ${answer.status}`)
    } catch (error) {
      const { message, cause } = error as Error
      problems.push(`${url}: ${cause instanceof Error ? cause.message : message}`)
    }
    return undefined
  }
  const [discovery, keys] = await Promise.all([
    read<IssuerAnswers['discovery'] & object>(discoveryUrl(issuer)),
    read<IssuerAnswers['keys'] & object>(jwksUri),
  ])
  return { discovery, keys, ...(problems[0] && { problem: problems[0] }) }
}
