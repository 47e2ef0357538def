// Prints what the program declares for clusters of one or several trees, as JSON: `npm run review` compares the two states of a
// change by it. A program of its own, so that the base’s resources are declared by the base’s code.

import { readArguments, readRoot } from '../generators/command-line/arguments.ts'
import type { Command, ExitCode, Output } from '../generators/command-line/command.ts'
import { runAsProgram } from '../generators/command-line/run-program.ts'
import { clusterOf, tenantsOf } from './command-line.ts'
import type { Resource } from './graph/graph.ts'
import { recordGraph } from './graph/record-graph.ts'

const command: Command = {
  name: 'print-graph',
  summary: 'Prints the resources of clusters as JSON: a list of clusters for each tree.',
  usage: `node platform/print-graph.ts --root DIR... --cluster C...

  --root DIR    a tree with clusters/ and apps/ (may be repeated)
  --cluster C   a cluster; left out where its file cannot be used`,
  run,
}

async function run(args: readonly string[], output: Output): Promise<ExitCode> {
  const { values } = readArguments(args, {
    root: { type: 'string', multiple: true, default: ['.'] },
    cluster: { type: 'string', multiple: true, default: [] as string[] },
  })
  const trees: object[][] = []
  // One after the other: Pulumi’s runtime is a global.
  for (const root of values.root) trees.push(await graphsOf(root, values.cluster))
  output.out(`${JSON.stringify(trees)}\n`)
  return 0
}

async function graphsOf(root: string, names: readonly string[]): Promise<object[]> {
  const graphs: object[] = []
  for (const name of names) graphs.push(...(await graphOf(root, name)))
  return graphs
}

async function graphOf(folder: string, name: string): Promise<object[]> {
  const root = readRoot(folder)
  const settings = settingsOf(root, name)
  if (settings === undefined) return []
  // The same on both sides, so no difference is one of secrets.
  const originSecret = { current: 'print-'.repeat(8) }
  const graph = await recordGraph({ ...settings, originSecret, canaryClientSecret: 'print' })
  return [{ cluster: name, resources: graph.resources.filter(({ custom }) => custom).map(asData) }]
}

/** Mistakes in a file are reported by synth; a cluster that is not there has no resources. */
function settingsOf(root: string, name: string) {
  try {
    return { cluster: clusterOf(root, name), tenants: tenantsOf(root) }
  } catch {
    return undefined
  }
}

const asData = ({ type, name, inputs, region, protect }: Resource) => ({ type, name, inputs, region, protect })

await runAsProgram(command)
