// A model of the Hub as a source: list with patience, choose, and the settings with which it is asked.
import type { ProgressOutput } from '../fetch/progress.ts'
import { Transfer } from '../fetch/read-parts.ts'
import type { Source } from '../fetch/remote-file.ts'
import { patiently, type Wait } from '../fetch/unavailable.ts'
import { HubClient, type Listing } from './hub-client.ts'

export type Environment = Readonly<Record<string, string | undefined>>

export interface FetchTools {
  client: HubClient
  output: ProgressOutput
  transfer: Transfer
}

const usualEndpoint = 'https://huggingface.co'
export const stallSeconds = 30

export const isOffline = ({ HF_HUB_OFFLINE: value }: Environment): boolean =>
  ['1', 'true', 'yes', 'on'].includes((value ?? '').toLowerCase())

export const pause: Wait = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000))

/** @throws UserMistake when the endpoint is no URL */
export const fetchTools = (env: Environment): FetchTools => ({
  client: new HubClient({
    endpoint: env.HF_ENDPOINT || usualEndpoint,
    token: env.HF_TOKEN || undefined,
    stallSeconds,
  }),
  output: process.stderr,
  transfer: new Transfer(pause),
})

/** @throws UserMistake, Unavailable */
export const listModel = ({ client, transfer }: FetchTools, model: string, revision: string): Promise<Listing> =>
  patiently(() => client.list(model, revision), transfer.wait, 3)

export const hubSource = (client: HubClient, model: string, commit: string): Source => ({
  name: model,
  revision: commit,
  open: (file) => client.file(model, commit, file),
})
