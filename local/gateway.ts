// The gateway of a local run: the program of the clusters, with the settings that a laptop needs.
import { join } from 'node:path'
import { Failure } from '../generators/diagnostics/failure.ts'
import type { DevelopmentIssuer } from './issuer.ts'

export const gatewayProgram = join(import.meta.dirname, '../gateway/server.ts')

interface GatewaySettings {
  issuer: DevelopmentIssuer
  stateFolder: string
  ports: { gateway: number; admin: number }
  env: NodeJS.ProcessEnv
  drainSeconds: number
}

/** A clean environment: settings of the gateway come from here alone, and it never sees the Hub token. */
export const gatewayEnvironment = ({ issuer, stateFolder, ports, env, drainSeconds }: GatewaySettings) => ({
  ...Object.fromEntries(Object.entries(env).filter(([name]) => /^(?:PATH|NODE_.*|SystemRoot|TZ)$/i.test(name))),
  HOST: '127.0.0.1',
  PORT: String(ports.gateway),
  ADMIN_PORT: String(ports.admin),
  DISCOVERY: 'file',
  DIRECTORY_FILE: join(stateFolder, 'directory.json'),
  OIDC_ISSUERS: JSON.stringify([issuer.trusted]),
  DRAIN_SECONDS: String(drainSeconds),
})

/** The lane for streams and long answers: it fits every request. The same path follows the domain of a cluster. */
export const openaiPath = '/stream/v1'

const firstPauseMs = 10
const longestPauseMs = 200

/**
 * Asks as a client does, so that token, issuer, directory and servers are all proven.
 * @throws Failure when the gateway refuses what it should answer
 */
export async function waitForModels(
  url: string,
  admin: string,
  token: string,
  names: readonly string[],
): Promise<void> {
  // Before it has read the directory the gateway knows no tenant.
  await until(async () => (await get(`${admin}/readyz`))?.status === 200)
  await until(async () => {
    const response = await get(`${url}${openaiPath}/models`, { authorization: `Bearer ${token}` })
    if (response === undefined) return false
    if (response.status !== 200) throw new Failure(`the gateway answered ${response.status}: ${response.text}`)
    const { data } = JSON.parse(response.text) as { data: { id: string }[] }
    return names.every((name) => data.some(({ id }) => id === name))
  })
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let pause = firstPauseMs; !(await isSo()); pause = Math.min(pause * 1.5, longestPauseMs))
    await new Promise((resolve) => setTimeout(resolve, pause))
}

/** Undefined when nothing answers. */
async function get(url: string, headers: Record<string, string> = {}) {
  try {
    const response = await fetch(url, { headers })
    return { status: response.status, text: await response.text() }
  } catch {
    return undefined
  }
}
