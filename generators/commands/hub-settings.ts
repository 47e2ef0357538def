// Which Hub, and as whom: the environment variables that every program of the Hub's world reads.

import { UsageError } from '../command-line/command.ts'
import type { Hub } from '../hub/describe-model.ts'

const defaultUrl = 'https://huggingface.co'

/** The token goes to an https address, or to this machine, and nowhere else. */
export function readHub(environment: Record<string, string | undefined>): Hub {
  const url = (environment.HF_ENDPOINT || defaultUrl).replace(/\/+$/, '')
  const token = environment.HF_TOKEN?.trim()
  if (!URL.canParse(url)) throw new UsageError(`HF_ENDPOINT ${url} is no URL`)
  const { protocol, hostname } = new URL(url)
  const local = hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]'
  if (protocol !== 'https:' && !local) throw new UsageError(`HF_ENDPOINT ${url}: write an https:// address`)
  if (token !== undefined && token !== '' && !token.startsWith('hf_'))
    throw new UsageError('HF_TOKEN is no user access token of the Hub: those begin with hf_')
  return token === undefined || token === '' ? { url } : { url, token }
}
