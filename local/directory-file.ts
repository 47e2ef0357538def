// .slipway/directory.json: the only thing that the gateway reads. Written beside itself and renamed, so never half there.
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

export interface DirectoryModel {
  annotations: Readonly<Record<string, string>>
  endpoints: { address: string; port: number; ready: boolean }[]
  unavailable?: { reason: string }
}

export interface DirectoryContents {
  models: readonly DirectoryModel[]
  /** The JSON of each tenant, parsed. */
  tenants: readonly unknown[]
}

/** For the owner alone: it names tenants and hashes of their keys. */
export function writeDirectory(path: string, contents: DirectoryContents): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const draft = `${path}.${process.pid}`
  writeFileSync(draft, `${JSON.stringify(contents, null, 2)}\n`, { mode: 0o600 })
  renameSync(draft, path)
}
