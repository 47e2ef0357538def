// The tree that tests of the program run on, whatever clusters and models this copy has: samples of test/sample, and the add-ons,
// images and bundled models of the repository. Made anew in a temporary folder by each process that asks for it.
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { everything, synthesize } from '../generators/pipeline.ts'
import { root } from './source-files.ts'

const made = mkdtempSync(join(tmpdir(), 'slipway-sample-'))
process.once('exit', () => rmSync(made, { recursive: true, force: true }))

for (const path of ['apps/addons', 'apps/images.yaml', 'model-server/models'])
  cpSync(join(root, path), join(made, path), { recursive: true })
cpSync(join(root, 'test/sample'), made, { recursive: true })
synthesize(made, everything, { write: true })

/** Sources and rendered files; its clusters are dev and prod. Not to be written to: make a copy. */
export const sampleRoot = made
