// Which clusters a matrix of jobs is about: the folders of clusters/, as far as this copy on GitHub is set up for them.
import { readArguments, readRoot } from '../../generators/command-line/arguments.ts'
import { type Command, type ExitCode, type Output, UsageError } from '../../generators/command-line/command.ts'
import { nearest } from '../../generators/diagnostics/nearest.ts'
import { isThere, listClusters } from '../../generators/load/list-sources.ts'
import { writeOutputs } from './job-outputs.ts'

export const listClustersTask: Command = {
  name: 'list-clusters',
  summary: 'write the names of clusters as JSON to the output `clusters` of a step',
  usage: `npm run workflow -- list-clusters [--among "NAME NAME"] [--root DIR]

  --among   only these, separated by blanks or commas; all of clusters/ when not given`,
  run,
}

function run(args: readonly string[], output: Output): ExitCode {
  const { values } = readArguments(args, { among: { type: 'string' } })
  const root = readRoot(values.root)
  const there = listClusters(root).filter((name) => isThere(root, `clusters/${name}/cluster.yaml`))
  const wanted = values.among?.split(/[\s,]+/).filter(Boolean)
  const unknown = wanted?.find((name) => !there.includes(name))
  if (unknown !== undefined) {
    const near = nearest(unknown, there)
    throw new UsageError(
      `there is no clusters/${unknown}/cluster.yaml; ${near === undefined ? `clusters: ${there.join(', ')}` : `did you mean ${near}?`}`,
    )
  }
  const clusters = wanted === undefined ? there : there.filter((name) => wanted.includes(name))
  writeOutputs({ clusters: JSON.stringify(clusters) }, output)
  return 0
}
