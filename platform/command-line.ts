// What the platform’s commands have in common: the output of the process, and a cluster file whose mistakes are the user’s.
import { type Command, UsageError } from '../generators/commands/command.ts'
import { dispatch } from '../generators/commands/dispatch.ts'
import { processOutput } from '../generators/commands/process-output.ts'
import type { Cluster } from '../generators/schema/cluster.ts'
import type { Tenant } from '../generators/schema/tenant.ts'
import { readCluster, readTenants } from './read-cluster.ts'

/** Runs the command of a program that has no other, with the arguments of the process. */
export async function runAsProgram(command: Command): Promise<void> {
  const program = { [command.name]: async () => command }
  process.exitCode = await dispatch(program, command.name, process.argv.slice(2), processOutput())
}

/** The cluster that --cluster names. @throws UsageError with every mistake in the file */
export function clusterOf(root: string, name: string | undefined): Cluster {
  if (name === undefined) throw new UsageError('which cluster? Give --cluster C')
  return usersMistake(() => readCluster(root, name))
}

/** @throws UsageError with every mistake in the tenant files */
export const tenantsOf = (root: string): Tenant[] => usersMistake(() => readTenants(root))

function usersMistake<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}
