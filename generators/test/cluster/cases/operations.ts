// Every block of docs/operations and docs/how-to that says that it was tried, and that needs a cluster, works on this one; a wrong turn is
// answered as docs/operations says.
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { assert } from '../../../../test/spec.ts'
import { repositoryRoot } from '../../fixture.ts'
import { blocksOf } from '../../reference/page-blocks.ts'
import { wrongTurns } from '../../reference/wrong-turns.ts'
import { type Cases, patient } from './scene.ts'

export const operationCases: Cases = (test, { source, controlPlane }) => {
  for (const path of globSync('docs/{operations,how-to}/*.md', { cwd: repositoryRoot }).sort()) {
    const blocks = blocksOf(readFileSync(join(repositoryRoot, path), 'utf8')).filter(
      ({ info, text }) => info === 'sh tried' && text.includes('kubectl'),
    )
    for (const [index, { text }] of blocks.entries())
      test(
        `${path}: block ${index + 1} of the cluster works`,
        async () => {
          const [node] = await controlPlane.list<{ metadata: { name: string } }>('nodes')
          const autoscaled = source.plan.models.find(({ scaling }) => scaling.autoscaled)
          const script = text
            .replaceAll('MODEL', autoscaled?.name ?? '')
            .replaceAll('NODE', node?.metadata.name ?? '')
            .replaceAll('COMMIT', source.head)
          const { status, log } = await controlPlane.run('bash', ['-ec', script])
          assert.is(status, 0, log)
        },
        patient,
      )
  }

  for (const { says, script } of wrongTurns.filter((turn) => turn.in === 'cluster'))
    test(
      `a wrong turn is answered with “${says}”`,
      async () => {
        const folder = mkdtempSync(join(tmpdir(), 'slipway-turn-'))
        const { status, log } = await controlPlane.run('bash', ['-ec', `cd ${folder}\n${script}`])
        rmSync(folder, { recursive: true })
        assert.is.not(status, 0)
        assert.match(log, says)
      },
      patient,
    )
}
