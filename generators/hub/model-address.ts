// What people paste for a model: OWNER/NAME, with @REVISION, or an address of the Hub.

export interface ModelAddress {
  id: string
  revision?: string
}

/** The reason, as the end of a sentence. */
export interface NoAddress {
  reason: string
}

const name = /^[A-Za-z0-9][\w.-]*\/[\w.-]+$/
const hosts = /^(?:(?:www\.)?huggingface\.co|hf\.co)$/
/** Parts of an address after which a revision comes. */
const beforeRevision = ['tree', 'blob', 'resolve', 'raw', 'commit', 'commits']
const otherThings: Record<string, string> = {
  datasets: 'a dataset',
  spaces: 'a Space',
  collections: 'a collection',
  papers: 'a paper',
  docs: 'a page of the documentation',
  blog: 'a blog post',
  organizations: 'an owner',
}

/** @param hubHost of HF_ENDPOINT, whose addresses are read like the Hub's */
export function readAddress(text: string, hubHost?: string): ModelAddress | NoAddress {
  const [whole = '', pinned] = split(text.trim(), '@', /^(?:https?:|hf:|git@)/.test(text) ? text.length : 0)
  const path = pathOf(whole, hubHost)
  if (path === undefined) return { reason: 'is no address of the Hub' }
  const parts = path
    .replace(/[?#].*$/, '')
    .split('/')
    .filter((part) => part !== '')
    .map(decode)
  const [first = ''] = parts
  const other = Object.hasOwn(otherThings, first) ? otherThings[first] : undefined
  if (other !== undefined && parts.length > 1) return { reason: `is ${other}, not a model` }
  const [owner = '', repository = '', kind = '', ...rest] = first === 'models' ? parts.slice(1) : parts
  // Ollama names a file of GGUF after a colon.
  const id = `${owner}/${repository.replace(/\.git$|:.*$/, '')}`
  if (repository === '' || !name.test(id)) return { reason: 'is no model' }
  const revision = pinned ?? (beforeRevision.includes(kind) ? revisionOf(rest) : undefined)
  return revision === undefined || revision === '' ? { id } : { id, revision }
}

/** Text before and after the first mark, from a place on. */
function split(text: string, mark: string, from: number): [string, string | undefined] {
  const at = text.indexOf(mark, from)
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}

/** Behind host and API prefix; undefined: of another host. */
function pathOf(text: string, hubHost: string | undefined): string | undefined {
  if (text.startsWith('hf://')) return text.slice('hf://'.length).replace('@', '/tree/')
  const [, scheme, host = '', path = ''] = /^(https?:\/\/|git@)?([^/:]+(?::\d+)?)[/:](.*)$/s.exec(text) ?? []
  const isHub = hosts.test(host) || host === hubHost
  if (isHub) return path.replace(/^api\/models\//, '')
  return scheme === undefined ? text : undefined
}

/** `refs/pr/3` is one revision; behind any other come folders. */
const revisionOf = ([first = '', ...rest]: readonly string[]): string =>
  first === 'refs' ? ['refs', ...rest.slice(0, 2)].join('/') : first

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
