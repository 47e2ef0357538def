// `npm run upgrade` over three versions with schema changes: what is taken, merged, migrated and left alone; refusals change nothing.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { assert, describe } from '../../../test/spec.ts'
import { type Copy, makeRepositories, versions } from './upstream.ts'

const { upstream, company, remove } = makeRepositories()
process.once('exit', remove)

const last = versions.at(-1) ?? ''
const sources = ['apps/models/chat.yaml', 'apps/models/chat.lock.json', 'clusters/blue/cluster.yaml']
const textsOf = (copy: Copy): string[] => sources.map((path) => copy.read(path))

/** Nothing differs from the last commit, and no work tree is left. */
function assertUntouched(copy: Copy): void {
  assert.is(copy.git('status', '--porcelain'), '')
  assert.is(copy.git('worktree', 'list').split('\n').length, 1)
}

/** A commit of upstream beside its versions. */
function branch(name: string, from: string, change: () => void): void {
  upstream.git('switch', '--quiet', '--force-create', name, from)
  change()
  upstream.git('add', '--all', '--force')
  upstream.git('commit', '--quiet', '--message', name)
  upstream.git('switch', '--quiet', 'main')
}

/** Each upgrade starts a dozen programs. */
const patience = { timeoutSeconds: 300 }

describe('npm run upgrade', (test) => {
  test(
    'three versions one after the other, and at once: the same sources, a fresh tree, the card',
    () => {
      const [steps, leap] = [company(), company()]
      assert.match(steps.command('migrate', '--check').out, 'every source file has today’s form')
      for (const version of versions.slice(1)) {
        const { status, out, log } = steps.command('upgrade', '--to', version)
        assert.is(status, 0, log)
        assert.match(out, `- **Rolls:** what ${version} changes.`)
        assert.is(steps.command('synth', '--check').status, 0)
        steps.commit(version)
        assert.is(
          steps.git('diff', '--name-only', '--diff-filter=D', 'HEAD~1', '--', 'apps', 'clusters', 'platform'),
          '',
        )
      }
      const { status, out, log } = leap.command('upgrade', '--to', last)
      assert.is(status, 0, log)
      assert.match(out, `slo.timeToFirstTokenSeconds: it is a time-out`)
      assert.match(out, 'chat, demo, embed in blue, green: 4 rolled')
      assert.match(out, /v0\.1\.0 → v0\.1\.3: \d+ files of the program from upstream, 0 files merged/)
      leap.commit(last)
      assert.equal(textsOf(leap), textsOf(steps))
      assert.match(steps.read('apps/models/chat.yaml'), '# How long we wait.\ntimeouts: { firstToken: 30s }\nclusters:')
      assert.match(steps.read('clusters/blue/cluster.yaml'), 'audiences: [slipway] # ours')
      assert.match(steps.read('apps/models/chat.lock.json'), '"cache": [')
      assert.equal(JSON.parse(steps.read('upstream.json')), {
        version: last,
        commit: upstream.git('rev-parse', `${last}^{commit}`),
      })
      assert.not.ok(existsSync(join(steps.root, 'apps/models/sample.yaml')))
      // The record says where the next one begins, although no history does.
      assert.match(steps.command('upgrade', '--to', last).log, `this copy is at ${last} already`)
      assert.match(steps.command('upgrade', '--to', 'v0.1.1').log, 'v0.1.1 is earlier than what this copy has')
    },
    patience,
  )

  test(
    'edits of the program are merged; where both changed the same lines each file is named, and one chooses',
    () => {
      const own = company()
      own.edit('generators/schema/slo.ts', "'100ms'", "'90ms'")
      own.edit('apps/addons/keda.yaml', 'version: ', '# Ours.\nversion: ')
      own.edit(
        'generators/render/model/deployment.ts',
        'enableServiceLinks: true',
        'enableServiceLinks: false, // ours',
      )
      own.write('generators/ours.ts', '// Ours.\n')
      rmSync(join(own.root, 'generators/upgrade/migrations.ts'))
      own.commit('edits of ours')
      const before = own.git('rev-parse', 'HEAD')
      const refused = own.command('upgrade', '--to', last)
      assert.is(refused.status, 1)
      assert.is(refused.out, '')
      const named = refused.log.split('\n').filter((line) => /^\S+:\d+: /.test(line))
      assert.is(named.length, 2, refused.log)
      assert.match(
        named[0] ?? '',
        /^generators\/render\/model\/deployment\.ts:\d+: you and upstream changed the same lines$/,
      )
      assert.is(named[1], 'generators/upgrade/migrations.ts:1: you removed it, and upstream changed it')
      assertUntouched(own)
      assert.match(
        own.command('upgrade', '--to', last, '--keep', 'apps/addons').log,
        'apps/addons is no file that you and',
      )

      const chosen = ['--keep', 'generators/render', '--take', 'generators/upgrade/migrations.ts']
      const { status, out, log } = own.command('upgrade', '--to', last, '--json', ...chosen)
      assert.is(status, 0, log)
      const { ok, result } = JSON.parse(out)
      const { merged, taken, migrated, conflicts } = result
      assert.equal({ ok, merged, conflicts }, { ok: true, merged: ['generators/schema/slo.ts'], conflicts: [] })
      assert.ok(taken.includes('generators/upgrade/migrations.ts'))
      assert.is(migrated.length, 4)
      assert.match(own.read('generators/schema/slo.ts'), "'90ms'")
      assert.not.match(own.read('generators/schema/slo.ts'), 'timeToFirstTokenSeconds: Type')
      assert.match(own.read('generators/render/model/deployment.ts'), 'enableServiceLinks: false, // ours')
      assert.match(own.read('apps/addons/keda.yaml'), '# Ours.\n')
      assert.is(own.read('generators/ours.ts'), '// Ours.\n')
      assert.is(own.git('rev-parse', 'HEAD'), before)
    },
    patience,
  )

  test(
    '--check shows all and writes nothing; unsaved work is refused',
    () => {
      const own = company()
      const { status, out, log } = own.command('upgrade', '--to', last, '--check')
      assert.is(status, 0, log)
      assert.match(out, 'chat, demo, embed in blue, green: 4 rolled')
      assert.match(out, 'nothing was written (--check)\n')
      assertUntouched(own)
      own.write('apps/models/new.yaml', 'model: x\n')
      const refused = own.command('upgrade', '--to', last)
      assert.is(refused.status, 1)
      assert.match(refused.log, 'commit or stash first: apps/models/new.yaml\n')
      assert.is(own.git('status', '--porcelain'), '?? apps/models/new.yaml')
    },
    patience,
  )

  test(
    'a copy without upstream’s history begins at the tag of its version',
    () => {
      const own = company()
      rmSync(join(own.root, '.git'), { recursive: true })
      own.git('init', '--quiet', '--initial-branch=main')
      own.write('.git/info/exclude', 'node_modules\n')
      own.commit('from a template')
      assert.match(
        own.command('upgrade', '--to', last).log,
        'there is no remote "upstream": git remote add upstream URL',
      )
      const { status, out, log } = own.command('upgrade', '--to', 'v0.1.1', '--from', upstream.root)
      assert.is(status, 0, log)
      assert.match(out, 'v0.1.0 → v0.1.1: ')
      own.edit('package.json', '"version": "0.1.1"', '"version": "7.0.0"')
      rmSync(join(own.root, 'upstream.json'))
      own.commit('of no version')
      const lost = own.command('upgrade', '--to', last, '--from', upstream.root)
      assert.is(lost.status, 1)
      assert.match(lost.log, 'it has no v7.0.0, and no history in common; give --base VERSION')
      assert.is(
        own.command('upgrade', '--to', last, '--from', upstream.root, '--base', 'v0.1.1', '--keep', 'package.json')
          .status,
        0,
      )
    },
    patience,
  )

  test(
    'what cannot be reached or is not there is one line, exit code 1',
    () => {
      const own = company()
      const wrong: [args: string[], says: RegExp][] = [
        [[], /say which version, --to VERSION; it has v0\.1\.0, v0\.1\.1, v0\.1\.2, v0\.1\.3\n/],
        [['--to', 'v0.1.33'], /upstream has no v0\.1\.33; did you mean v0\.1\.3\?/],
        [['--to', 'zzz'], /upstream has no zzz; it has v0\.1\.0/],
        [['--to', last, '--from', './nowhere'], /\.\/nowhere does not answer as a Git repository/],
        [[last], /belongs to no option; a version is --to VERSION/],
      ]
      for (const [args, says] of wrong) {
        const { status, out, log } = own.command('upgrade', ...args)
        assert.is(status, 1, args.join(' '))
        assert.match(log, says)
        assert.not.match(log, /\n {4}at /)
        assert.is(out, '')
        assertUntouched(own)
      }
    },
    patience,
  )

  test(
    'sources that the new version refuses: nothing is written, unless one asks for the program alone',
    () => {
      const own = company()
      branch('stricter', last, () => upstream.edit('generators/schema/gateway.ts', '  replicas: Type', '  pods: Type'))
      const refused = own.command('upgrade', '--to', 'stricter')
      assert.is(refused.status, 1)
      assert.match(refused.log, /apps\/gateway\.yaml:1:1/)
      assert.match(refused.log, 'stricter refuses these sources')
      assertUntouched(own)
      const taken = own.command('upgrade', '--to', 'stricter', '--unrendered')
      assert.is(taken.status, 0, taken.log)
      assert.match(own.read('generators/schema/gateway.ts'), 'pods:')
      assert.is(own.git('diff', 'HEAD', '--name-only', '--', 'clusters/*/rendered'), '')
    },
    patience,
  )

  test(
    'a new version that fails, packages that do not install, a file in the way: the work tree is as before',
    () => {
      const own = company()
      branch('broken', last, () => upstream.write('generators/pipeline.ts', 'throw new Error("broken")\n'))
      branch('lock', last, () => upstream.write('package-lock.json', '{'))
      branch('in-the-way', last, () => upstream.write('.slipway', 'a file\n'))
      mkdirSync(join(own.root, '.slipway'))
      own.write('.slipway/ignored', 'of ours\n')
      const says: Record<string, RegExp> = {
        broken: /^migrate of the new version failed: SyntaxError: .*pipeline\.ts.*\n$/,
        lock: /npm ci of the new version failed: /,
        'in-the-way': /nothing was changed: .*\.slipway/,
      }
      for (const [name, reason] of Object.entries(says)) {
        const { status, log } = own.command('upgrade', '--to', name)
        assert.is(status, 2, log)
        assert.match(log, reason)
        assertUntouched(own)
        assert.is(own.read('.slipway/ignored'), 'of ours\n')
      }
    },
    patience,
  )

  test(
    'ended while the new version renders: the work tree is as before',
    async () => {
      const own = company()
      const options = { cwd: own.root, detached: true, stdio: 'ignore' } as const
      const child = spawn(process.execPath, ['generators/main.ts', 'upgrade', '--to', last], options)
      const ended = once(child, 'exit')
      while (own.git('worktree', 'list').split('\n').length === 1) await sleep(20)
      await sleep(300)
      process.kill(-(child.pid ?? 0), 'SIGTERM')
      assert.equal(await ended, [2, null])
      assertUntouched(own)
    },
    patience,
  )
})
