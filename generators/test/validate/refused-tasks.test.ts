// A task that people ask for and no engine here does is refused with the reason, not as a word that nobody knows.
import { assert, describe } from '../../../test/spec.ts'
import { everything, synthesize } from '../../pipeline.ts'
import { refusedTasks, tasks } from '../../schema/tasks.ts'
import { validFixture, withRepository } from '../fixture.ts'

describe('a task that no engine does', (test) => {
  for (const [task, reason] of Object.entries(refusedTasks))
    test(`${task} is refused with the reason`, () =>
      withRepository(validFixture, ({ root, read, write }) => {
        assert.not((tasks as readonly string[]).includes(task))
        write('apps/models/chat.yaml', `${read('apps/models/chat.yaml')}task: ${task}\n`)
        const { diagnostics } = synthesize(root, everything, { write: false })
        const [found] = diagnostics.filter(({ level }) => level === 'error')
        assert.equal([found?.code, found?.position.file, found?.hint], ['FIELD_VALUE', 'apps/models/chat.yaml', reason])
      }))
})
