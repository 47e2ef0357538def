// A release from the tag to the manifests: what is pushed, signed and recorded is what apps/images.yaml and every manifest name.
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { copyRepository, repositoryRoot } from '../../generators/test/fixture.ts'
import { runProgram } from '../../test/run-program.ts'
import { sampleRoot } from '../../test/sample-tree.ts'
import { assert, describe } from '../../test/spec.ts'
import { run, withFolder } from './run-task.ts'
import { steps, workflows } from './workflow-files.ts'

interface Images {
  [key: string]: { repository: string; tag: string; digest?: string }
}

const digest = (letter: string): string => `sha256:${letter.repeat(64)}`
const readImages = (root: string): Images => parse(readFileSync(join(root, 'apps/images.yaml'), 'utf8')) as Images
const { version } = JSON.parse(readFileSync(join(repositoryRoot, 'package.json'), 'utf8')) as { version: string }
const nameOf = (repository: string): string => repository.split('/').at(-1) ?? ''
const ownerOf = (repository: string): string => repository.split('/').at(-2) ?? ''
const output = (name: string): string => `\${{ steps.name.outputs.${name} }}`
const workflow = workflows.find(({ file }) => file === 'images.yml')?.workflow

/** `name-image`, as the job of a tag calls it; its outputs. */
async function outputs(name: string, owner: string, tag: string): Promise<Record<string, string>> {
  const env = { GITHUB_REPOSITORY_OWNER: owner, GITHUB_REF_NAME: tag, GITHUB_OUTPUT: '' }
  const { status, out, log } = await run(['name-image', name], env)
  assert.is(status, 0, log)
  return Object.fromEntries(
    out
      .trim()
      .split('\n')
      .map((line) => line.split('=') as [string, string]),
  )
}

describe('a release', (test) => {
  const images = Object.values(readImages(repositoryRoot))

  test('builds every image of apps/images.yaml, and no other', () => {
    const built = workflow?.jobs.build?.strategy?.matrix?.include?.map(({ image }) => image) ?? []
    assert.equal(built.sort(), images.map(({ repository }) => nameOf(repository)).sort())
  })

  test('pushes the tag that apps/images.yaml and the manifests name while no digest is recorded', async () => {
    const open = images.filter((image) => image.digest === undefined)
    for (const { repository, tag } of open) {
      const released = await outputs(nameOf(repository), ownerOf(repository).toUpperCase(), `v${version}`)
      assert.equal(released, { repository, tag, reference: `${repository}:${tag}` })
      const named = globSync('clusters/*/rendered/*/deployment-*.yaml', { cwd: sampleRoot }).flatMap((path) =>
        [...readFileSync(join(sampleRoot, path), 'utf8').matchAll(/image: (\S+)/g)].map((match) => match[1] ?? ''),
      )
      const own = new Set(named.filter((image) => image.startsWith(`${repository}:`)))
      assert.equal([...own], [released.reference])
    }
  })

  test('takes every name from one step', () => {
    const uses = (script: string) => steps.find(({ step }) => step.run?.includes(script))?.step
    const builds = (action: string) => steps.find(({ step }) => step.uses?.startsWith(action))?.step.with
    const { tags } = builds('docker/build-push-action@') ?? {}
    assert.is(tags, output('reference'))
    assert.is(builds('actions/attest-build-provenance@')?.['subject-name'], output('repository'))
    assert.is(uses('sign-image')?.env?.REPOSITORY, output('repository'))
    assert.is(uses('record-digest')?.env?.REFERENCE, output('reference'))
    for (const { file, text } of workflows)
      assert.not.match(text, /github\.repository_owner|github\.ref_name|ghcr\.io\//, file)
  })

  for (const owner of ['MyOrg', 'ALLCAPS', 'someone-1'])
    test(`of ${owner} comes out in small letters everywhere, and its manifests name its own images by digest`, () =>
      withFolder(async (folder) => {
        const root = copyRepository(repositoryRoot)
        for (const { repository } of images) {
          const { reference = '' } = await outputs(nameOf(repository), owner, `v${version}`)
          assert.is(reference, `ghcr.io/${owner.toLowerCase()}/${nameOf(repository)}:${version}`)
          await run(['record-digest', `${reference}@${digest('a')}`, '--folder', join(folder, 'digests')])
        }
        const written = await run(['write-digests', '--folder', join(folder, 'digests'), '--root', root])
        assert.is(written.status, 0, written.log)
        const main = join(repositoryRoot, 'generators/main.ts')
        const { status, log } = await runProgram(process.execPath, [main, 'synth', '--root', root])
        assert.is(status, 0, log)
        assert.not.match(log, /IMAGE_WITHOUT_DIGEST/)
        const rendered = globSync('clusters/*/rendered/*/deployment-*.yaml', { cwd: root })
          .map((path) => readFileSync(join(root, path), 'utf8'))
          .join('')
        for (const { repository } of images) {
          const name = nameOf(repository)
          const named = new Set([...rendered.matchAll(/image: (\S+)/g)].map((match) => match[1] ?? ''))
          assert.equal(
            [...named].filter((image) => image.includes(`/${name}:`)),
            [`ghcr.io/${owner.toLowerCase()}/${name}:${version}@${digest('a')}`],
          )
        }
      }))

  test('of a tag that is not the version of package.json is refused, before anything is pushed', async () => {
    const [{ repository } = { repository: '' }] = images
    const refuse = async (env: Record<string, string>, name = nameOf(repository)) =>
      run(['name-image', name], { GITHUB_REPOSITORY_OWNER: 'MyOrg', GITHUB_REF_NAME: `v${version}`, ...env })
    const other = await refuse({ GITHUB_REF_NAME: 'v99.0.0' })
    assert.is(other.status, 1)
    assert.match(other.log, new RegExp(`the tag is v99\\.0\\.0, the version in package\\.json is ${version}`))
    for (const tag of [version, 'latest', 'v1.2', `v${version}+build`, `v${version}-`, ''])
      assert.match((await refuse({ GITHUB_REF_NAME: tag })).log, /is no tag of a release; write vX\.Y\.Z/, tag)
    assert.match((await refuse({}, 'slipway-other')).log, /which image\? apps\/images\.yaml has slipway-gateway and/)
    assert.is((await refuse({ GITHUB_REPOSITORY_OWNER: '' })).status, 2)
  })
})

describe('record-digest and write-digests', (test) => {
  test('bring what two jobs have built into apps/images.yaml, and touch nothing else there', () =>
    withFolder(async (folder) => {
      mkdirSync(join(folder, 'apps'))
      mkdirSync(join(folder, 'clusters'))
      const path = join(folder, 'apps/images.yaml')
      writeFileSync(
        path,
        '# Ours.\ngateway: { repository: ghcr.io/example/slipway-gateway, tag: 0.1.0 }\n# And this.\nmodelServer: { repository: ghcr.io/example/slipway-model-server, tag: 0.1.0 }\n',
      )
      for (const [name, letter] of [
        ['slipway-gateway', 'a'],
        ['slipway-model-server', 'b'],
      ] as const)
        await run([
          'record-digest',
          `ghcr.io/MyOrg/${name}:0.2.0-RC.1@${digest(letter)}`,
          '--folder',
          join(folder, 'digests'),
        ])
      const { status, log } = await run(['write-digests', '--folder', join(folder, 'digests'), '--root', folder])
      assert.is(status, 0, log)
      assert.is(
        readFileSync(path, 'utf8'),
        `# Ours.\ngateway: { repository: ghcr.io/myorg/slipway-gateway, tag: 0.2.0-RC.1, digest: ${digest('a')} }\n# And this.\nmodelServer: { repository: ghcr.io/myorg/slipway-model-server, tag: 0.2.0-RC.1, digest: ${digest('b')} }\n`,
      )
    }))

  test('refuse what is no image, and an image that is not ours', () =>
    withFolder(async (folder) => {
      assert.match(
        (await run(['record-digest', 'ghcr.io/x/y:latest', '--folder', folder])).log,
        /is no image; write HOST/,
      )
      assert.match((await run(['sign-image', `ghcr.io/x/y@${digest('a')};ls`])).log, /is no image/)
      mkdirSync(join(folder, 'apps'))
      mkdirSync(join(folder, 'clusters'))
      writeFileSync(join(folder, 'apps/images.yaml'), 'gateway: { repository: a/b }\n')
      await run(['record-digest', `ghcr.io/x/y:v1.0.0@${digest('a')}`, '--folder', join(folder, 'digests')])
      assert.match(
        (await run(['write-digests', '--folder', join(folder, 'digests'), '--root', folder])).log,
        /apps\/images\.yaml has no image y/,
      )
    }))
})
