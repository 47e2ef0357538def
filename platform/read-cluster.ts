// Reads and checks one cluster file before anything is planned: the same rules and messages as synth.
import * as pulumi from '@pulumi/pulumi'
import { isError } from '../generators/diagnostics/diagnostic.ts'
import { formatLine, withoutFlood } from '../generators/diagnostics/report.ts'
import { loadClusterFile } from '../generators/load/load-cluster-file.ts'
import type { Cluster } from '../generators/schema/cluster.ts'
import { checkClusterFile } from '../generators/validate/cluster-rules.ts'
import { Findings } from '../generators/validate/findings.ts'

/** Throws what Pulumi prints without a stack trace; every mistake in the file is in the message. */
export function readCluster(root: string, name: string): Cluster {
  const { file, diagnostics } = loadClusterFile(root, name)
  const findings = new Findings()
  const cluster = file === undefined ? undefined : checkClusterFile(name, file, findings)
  const errors = [...diagnostics, ...findings.diagnostics].filter(isError)
  if (cluster === undefined || errors.length > 0) {
    const lines = withoutFlood(errors).map((one) => (typeof one === 'string' ? one : formatLine(one)))
    throw new pulumi.RunError(`clusters/${name}/cluster.yaml cannot be used:\n${lines.join('\n')}`)
  }
  return cluster
}
