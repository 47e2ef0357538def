// Reads and checks a cluster file and the tenant files before anything is planned: the same rules and messages as synth.
import * as pulumi from '@pulumi/pulumi'
import { type Diagnostic, isError } from '../generators/diagnostics/diagnostic.ts'
import { formatLine, withoutFlood } from '../generators/diagnostics/report.ts'
import { isThere } from '../generators/load/list-sources.ts'
import { loadClusterFile } from '../generators/load/load-cluster-file.ts'
import { loadTenantFiles } from '../generators/load/load-tenant-files.ts'
import { parseJson } from '../generators/load/parse-source.ts'
import { readText } from '../generators/load/read-text.ts'
import type { Cluster } from '../generators/schema/cluster.ts'
import type { Tenant } from '../generators/schema/tenant.ts'
import { checkClusterFile } from '../generators/validate/cluster-rules.ts'
import { Findings } from '../generators/validate/findings.ts'
import { checkTenantFiles } from '../generators/validate/tenant-rules.ts'

/** Throws what Pulumi prints without a stack trace; every mistake in the file is in the message. */
export function readCluster(root: string, name: string): Cluster {
  const { file, diagnostics } = loadClusterFile(root, name)
  const findings = new Findings()
  const cluster = file === undefined ? undefined : checkClusterFile(name, file, findings)
  refuseErrors(`clusters/${name}/cluster.yaml`, [...diagnostics, ...findings.diagnostics])
  if (cluster === undefined) throw new pulumi.RunError(`clusters/${name}/cluster.yaml cannot be used`)
  return cluster
}

/** The same for all tenants. */
export function readTenants(root: string): Tenant[] {
  const { tenants, diagnostics } = loadTenantFiles(root)
  const findings = new Findings()
  const checked = checkTenantFiles(tenants, findings)
  refuseErrors('apps/tenants', [...diagnostics, ...findings.diagnostics])
  return checked.map(({ tenant }) => tenant)
}

/** Whether infra.json holds outputs of a platform that was made. */
export function isApplied(root: string, name: string): boolean {
  const path = `clusters/${name}/infra.json`
  const text = isThere(root, path) ? readText(root, path) : undefined
  const { file } = typeof text === 'string' ? parseJson(path, text) : { file: undefined }
  return (file?.value as { status?: string } | undefined)?.status === 'applied'
}

function refuseErrors(what: string, diagnostics: readonly Diagnostic[]): void {
  const errors = diagnostics.filter(isError)
  if (errors.length === 0) return
  const lines = withoutFlood(errors).map((one) => (typeof one === 'string' ? one : formatLine(one)))
  throw new pulumi.RunError(`${what} cannot be used:\n${lines.join('\n')}`)
}
