// What an Application says of its folder's content: a hash, in a field of its source that means nothing else. A commit that changes a
// folder so changes its Application too. One look of Argo CD at the root Application then finds every folder that changed, and the
// others are not compared again; and an Application's own settings are there before the content that needs them.
import { createHash } from 'node:crypto'
import { contentPrefix } from '../../schema/contract.ts'

/** For `spec.source.name`, which Argo CD shows and compares, and which a single source does not need. `texts`: of the folder's files. */
export function contentMark(texts: readonly string[]): string {
  const hash = createHash('sha256')
  for (const text of texts) hash.update(text)
  return contentPrefix + hash.digest('hex').slice(0, 12)
}
