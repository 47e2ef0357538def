// Two people at once: what Git makes of their branches, and what `npm run synth` makes of a conflict.
import { assert, describe } from '../../../test/spec.ts'
import { type ReviewRepository, withGit } from './review-repository.ts'

const model = (context: number): string => `model: example/chat-8b
revision: 0e9e39f249a16976918f6564b8830bc894c89659
engine: { name: vllm, maxModelLen: ${context} }
accelerator: l4
clusters:
  blue: {}
`

/** Each changes the base on a branch of its own, renders and commits; then both are merged into main. */
function merged(
  first: (repository: ReviewRepository) => void,
  second: (repository: ReviewRepository) => void,
  use: (repository: ReviewRepository, conflicts: string[]) => void,
): void {
  withGit((repository) => {
    const { git, synth, commit } = repository
    synth()
    commit('base')
    for (const [name, change] of [
      ['first', first],
      ['second', second],
    ] as const) {
      git('switch', '--quiet', '--create', name, 'main')
      change(repository)
      synth()
      commit(name)
    }
    git('switch', '--quiet', 'main')
    git('merge', '--quiet', '--no-edit', 'first')
    try {
      git('merge', '--quiet', '--no-edit', 'second')
    } catch {
      // A conflict; Git has left it in the files.
    }
    use(repository, git('diff', '--name-only', '--diff-filter=U').split('\n').filter(Boolean).sort())
  })
}

const addModel =
  (name: string) =>
  ({ write, read }: ReviewRepository): void => {
    write(`apps/models/${name}.yaml`, model(4096))
    write(`apps/models/${name}.lock.json`, read('apps/models/chat.lock.json'))
  }

const isFresh = ({ synth, git }: ReviewRepository): boolean => {
  synth()
  return git('status', '--porcelain').trim() === ''
}

/** Rendered files of one model: its folder, and its Application, which says what is there. */
const own = /^clusters\/\w+\/rendered\/(?:model-chat\/|argocd\/application-model-chat\.yaml$)/

describe('two branches', (test) => {
  test('that each add a model meet in no file, and the merge is what synth would write', () =>
    merged(addModel('one'), addModel('two'), (repository, conflicts) => {
      assert.equal(conflicts, [])
      assert.ok(isFresh(repository))
    }))

  test('that change the same model meet only in its own files; after the source is fixed synth fixes the rest', () => {
    const change =
      (context: number) =>
      ({ edit }: ReviewRepository) =>
        edit('apps/models/chat.yaml', 'maxModelLen: 16384', `maxModelLen: ${context}`)
    merged(change(8192), change(4096), (repository, conflicts) => {
      assert.ok(conflicts.includes('apps/models/chat.yaml'))
      assert.equal(
        conflicts.filter((path) => path !== 'apps/models/chat.yaml' && !own.test(path)),
        [],
      )
      assert.ok(conflicts.length > 1)
      const fixed = repository
        .read('apps/models/chat.yaml')
        .replace(/<<<<<<<.*\n(.*\n)=======\n[\s\S]*?>>>>>>>.*\n/, '$1')
      repository.write('apps/models/chat.yaml', fixed)
      repository.synth()
      repository.commit('merge')
      assert.not.match(repository.read('clusters/blue/rendered/model-chat/deployment-chat.yaml'), /[<>=]{7}/)
      assert.ok(isFresh(repository))
    })
  })

  test('of which one removes the model that the other changes: the removal is a conflict in its own files alone', () =>
    merged(
      ({ remove, edit }) => {
        remove('apps/models/chat.yaml')
        remove('apps/models/chat.lock.json')
        edit('apps/tenants/team.yaml', 'models: [chat, embed]', 'models: [embed]')
      },
      ({ edit }) => edit('apps/models/chat.yaml', 'maxModelLen: 16384', 'maxModelLen: 4096'),
      (_, conflicts) => {
        assert.equal(
          conflicts.filter((path) => !own.test(path) && !path.startsWith('apps/models/chat.')),
          [],
        )
        assert.ok(conflicts.length > 0)
      },
    ))
})
