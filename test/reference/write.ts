// `npm run reference`: writes the pages of docs/reference that tests compare with the program.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { everything, synthesize } from '../../generators/pipeline.ts'
import { root } from '../source-files.ts'
import { referencePages } from './pages.ts'

synthesize(root, everything, { write: true })
for (const { path, text } of await referencePages()) writeFileSync(join(root, path), text)
