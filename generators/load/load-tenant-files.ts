// Reads the tenant files and nothing else: the platform program lets their clients in.
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { tenantFileSchema } from '../schema/tenant.ts'
import { listYaml } from './list-sources.ts'
import { parseYaml } from './parse-source.ts'
import { readText } from './read-text.ts'
import type { SourceFile } from './source-file.ts'

const folder = 'apps/tenants'

export function loadTenantFiles(root: string): {
  tenants: { name: string; file: SourceFile }[]
  diagnostics: Diagnostic[]
} {
  const { found, diagnostics } = listYaml(root, folder)
  const tenants = found.flatMap((name) => {
    const path = `${folder}/${name}.yaml`
    const text = readText(root, path)
    const read =
      typeof text === 'string' ? parseYaml(path, text, tenantFileSchema) : { file: undefined, diagnostics: [text] }
    diagnostics.push(...read.diagnostics)
    return read.file === undefined ? [] : [{ name, file: read.file }]
  })
  return { tenants, diagnostics }
}
