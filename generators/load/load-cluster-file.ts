// Reads the file of one cluster and nothing else: the platform program needs no model, and infra.json is what it makes.
import { diagnose, startOf } from '../diagnostics/diagnose.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { didYouMean } from '../diagnostics/nearest.ts'
import { clusterFileSchema } from '../schema/cluster.ts'
import { isThere, listClusters } from './list-sources.ts'
import { parseYaml } from './parse-source.ts'
import { readText } from './read-text.ts'
import type { SourceFile } from './source-file.ts'

export function loadClusterFile(
  root: string,
  name: string,
): { file: SourceFile | undefined; diagnostics: Diagnostic[] } {
  const path = `clusters/${name}/cluster.yaml`
  if (!isThere(root, path)) {
    const known = listClusters(root)
    const hint = `${didYouMean(name, known)}clusters: ${known.join(', ')}; the stack is called like its cluster`
    return { file: undefined, diagnostics: [diagnose('FILE_MISSING', startOf(path), `${path} is not there`, hint)] }
  }
  const text = readText(root, path)
  return typeof text === 'string' ? parseYaml(path, text, clusterFileSchema) : { file: undefined, diagnostics: [text] }
}
