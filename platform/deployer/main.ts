// `npm run platform:bootstrap`: prints the CloudFormation template that comes before the first `pulumi up`.

import { readArguments, readRoot } from '../../generators/command-line/arguments.ts'
import { type Command, type ExitCode, type Output, UsageError } from '../../generators/command-line/command.ts'
import { runAsProgram } from '../../generators/command-line/run-program.ts'
import { clusterOf } from '../command-line.ts'
import { deployerTemplate, githubRepository } from './plan-template.ts'

const command: Command = {
  name: 'bootstrap',
  summary:
    'Prints what an administrator applies once per cluster: state bucket and key, the roles of GitHub Actions, their rights.',
  usage: `npm run --silent platform:bootstrap -- --cluster C [--repository NAME] [--root DIR] > bootstrap.json
aws cloudformation deploy --stack-name C-platform-bootstrap --template-file bootstrap.json --capabilities CAPABILITY_NAMED_IAM

  --cluster C         the cluster file that names account, region, repository and the role that applies
  --repository NAME   the repository as the subjects of its tokens name it, when that is not OWNER/NAME: repositories made after
                      2026-06-18 have numbers in it (Settings, Actions, OIDC shows the prefix)`,
  run,
}

/** No star and no colon: it becomes part of what a role trusts. */
const subjectForm = /^[\w.@-]+\/[\w.@-]+$/

function run(args: readonly string[], output: Output): ExitCode {
  const { values } = readArguments(args, { cluster: { type: 'string' }, repository: { type: 'string' } })
  const cluster = clusterOf(readRoot(values.root), values.cluster)
  const repository = values.repository ?? githubRepository(cluster)
  if (repository === undefined)
    throw new UsageError(
      `gitops.repoUrl of clusters/${cluster.name}/cluster.yaml is ${cluster.gitops.repoUrl}: only repositories on github.com get roles`,
    )
  if (!subjectForm.test(repository))
    throw new UsageError(`--repository ${repository}: write OWNER/NAME, numbers included`)
  output.out(`${JSON.stringify(deployerTemplate(cluster, repository), null, 1)}\n`)
  return 0
}

await runAsProgram(command)
