// The wrong turns of docs/operations that Pulumi and AWS answer: each says what the table has.
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { wrongTurns } from '../../../generators/test/reference/wrong-turns.ts'
import { root } from '../../../test/source-files.ts'
import { assert, describe } from '../../../test/spec.ts'
import { Cloud } from '../../test/cycle/cloud.ts'
import { findMaterial } from '../../test/cycle/material.ts'
import { clusterOf } from '../../test/graphs.ts'

const { account, region } = clusterOf('dev')
const material = await findMaterial()

describe('a wrong turn before Pulumi and AWS', (test) => {
  if ('missing' in material) {
    test.skip('says what the table has', material.missing)
    return
  }
  const cloud = new Cloud()
  test.before(() => cloud.start(material.python, { number: account, regions: [region] }))
  test.after(() => cloud.stop())

  for (const { says, script } of wrongTurns.filter((turn) => turn.in === 'account'))
    test(
      `says “${says}”: ${script.split('\n', 1)}`,
      async () => {
        const folder = mkdtempSync(join(tmpdir(), 'slipway-turn-'))
        const { PATH = '' } = process.env
        const env = {
          // Nothing of the person who runs the tests: no login, no profile.
          PATH: material.pulumiHome === undefined ? PATH : `${material.pulumiHome}/bin:${PATH}`,
          HOME: folder,
          FOLDER: folder,
          PULUMI_CREDENTIALS_PATH: folder,
          PULUMI_SKIP_UPDATE_CHECK: 'true',
          ...cloud.environment(region),
          AWS_DEFAULT_REGION: region,
        }
        const { status, log } = await new Promise<{ status: number; log: string }>((resolve) => {
          const child = execFile('bash', ['-ec', script], { cwd: root, env }, (error, _out, text) =>
            resolve({ status: error === null ? 0 : Number(error.code ?? 1), log: text }),
          )
          child.stdin?.end()
        })
        rmSync(folder, { recursive: true, force: true })
        assert.is.not(status, 0)
        assert.match(log, says)
      },
      { timeoutSeconds: 120 },
    )
})
