// The life of one cluster’s platform at an AWS that answers: made, interrupted, taken up, looked at, changed, taken down. The engine and
// the AWS provider are real, the account is moto with additions, Kubernetes is a stand-in.
import type { Cluster } from '../../../generators/schema/cluster.ts'
import { hasCloudFront } from '../../../generators/schema/edge-kinds.ts'
import { assert, describe, type Test } from '../../../test/spec.ts'
import { infraFile } from '../../infra-file.ts'
import { edgeRegion } from '../../providers.ts'
import { canaryClientSecret } from '../graphs.ts'
import { newActions } from './actions.ts'
import { ChangeTable, changes, linesOf } from './changes.ts'
import { type Call, Cloud } from './cloud.ts'
import { Engine, type Run, type Settings, type Verb } from './engine.ts'
import { crash, interrupt } from './interruptions.ts'
import { findMaterial, type Material, makes } from './material.ts'
import { takeProtectionsAway } from './tear-down.ts'

const originSecret = 'origin-secret-that-nobody-may-read-0123456789'
/** For one step. The whole has a quarter of an hour on two cores. */
const patience = { timeoutSeconds: 15 * 60 }
/** Answers to a question whether something is there; one to HEAD has no text. */
const isAbsence = ({ answer = '', method, status }: Call): boolean =>
  (method === 'HEAD' && status === 404) || /NotFound|NoSuch|not ?found|DoesNotExist/i.test(answer)

/** Runs the cycle of a cluster as tests. `name` is that of its table of changes. */
export async function describeCycle(name: string, cluster: Cluster): Promise<void> {
  const material = await findMaterial()
  describe(`the platform of ${name}`, (test) => {
    if (!('missing' in material)) new Cycle(name, withKnownTypes(cluster, material, test), material).tests(test)
    else if (process.env.CI_PLATFORM !== 'required') test.skip('goes through its life', material.missing)
    else test('goes through its life', () => assert.unreachable(`CI_PLATFORM=required, and ${material.missing}`))
  })
}

/** Without its bucket of weights where the plugin cannot make one: all else goes through its life. */
function withKnownTypes(cluster: Cluster, material: Material, test: Test): Cluster {
  const type = 'aws:s3/bucket:Bucket'
  if (cluster.weights.source === 'hub' || makes(material, type)) return cluster
  test.skip('has a bucket of weights', `the plugin in ${material.pulumiHome} does not know ${type}`)
  return { ...cluster, weights: { ...cluster.weights, source: 'hub' } }
}

class Cycle {
  readonly #name: string
  readonly #cluster: Cluster
  readonly #material: Material
  readonly #cloud = new Cloud()
  readonly #engine: Engine
  readonly #table: ChangeTable
  /** What the account held when nothing was made. */
  #before: string[] = []
  /** How many resources the stack has. */
  #made = 0

  constructor(name: string, cluster: Cluster, material: Material) {
    this.#name = name
    this.#cluster = structuredClone(cluster)
    // Turned on after the first `up`, as the README says.
    this.#cluster.gitops.enabled = false
    this.#material = material
    this.#engine = new Engine({ cluster: this.#cluster, originSecret })
    this.#table = new ChangeTable(name)
  }

  /** In this order; each goes on from the one before. */
  tests(test: Test): void {
    test.after(async () => {
      await this.#engine.stop()
      await this.#cloud.stop()
    })
    const step = (sentence: string, body: () => Promise<void>): void => test(sentence, body, patience)
    step('begins in an account with a zone and the roles that the cluster file names', () => this.#begin())
    if (hasCloudFront(this.#cluster))
      step('is made in four runs when three are interrupted, and nothing twice', () => this.#makeAfterCrash())
    else step('is made in three runs when two are interrupted, and nothing twice', () => this.#make())
    step('is not changed by a second preview', () => this.#nothingToDo())
    for (const change of Object.keys(changes))
      step(`changes as the table says: ${change}`, () => this.#previewChange(change))
    step('sends the old secret until the new one is known, then the new one', () => this.#rotate())
    step('is as the state says after a refresh', () => this.#refresh())
    step('has the outputs that infra.json needs', () => this.#outputs())
    step('shows its secret to nobody', () => this.#hideSecret())
    step('gets a project and a root Application with gitops.enabled', () => this.#followGit(true))
    step('loses both first when it is torn down', () => this.#followGit(false))
    step('is not destroyed while it is protected', () => this.#refuseDestroy())
    step('is destroyed, and leaves keys and secrets alone, for a month', () => this.#destroy())
    step('made only calls that keep to the models of AWS and are in the list of actions', () => this.#judgeCalls())
  }

  async #begin(): Promise<void> {
    const { account, edge, gitops, kubernetesApi, region } = this.#cluster
    const value = JSON.stringify({ username: 'git', password: 'of a test' })
    await this.#cloud.start(this.#material.python, {
      number: account,
      regions: [region, edgeRegion],
      zones: [edge.hostedZone],
      privateZones: edge.privateZone ? [edge.hostedZone] : [],
      roles: [...kubernetesApi.adminRoles, ...kubernetesApi.viewRoles],
      secrets: gitops.credentials === undefined ? [] : [{ region, name: gitops.credentials, value }],
    })
    await this.#engine.start(this.#cloud, this.#material)
    this.#before = await this.#cloud.held()
  }

  /** Ended twice: by a person, and by a machine that shuts down. */
  async #make(): Promise<void> {
    await this.#interrupt()
    await this.#takeUp()
  }

  async #interrupt(): Promise<void> {
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      this.#report(`up, ${signal}`, await interrupt(this.#engine, signal))
  }

  async #takeUp(): Promise<void> {
    const known = await this.#engine.resources()
    const last = await this.#run('up', 'up, taken up')
    this.#made = await this.#engine.resources()
    assert.ok(known > 100 && known < this.#made, `${known} of ${this.#made}`)
    assert.equal(last.counts, { create: this.#made - known, same: known })
  }

  /** Ended once more, by a machine that fails while CloudFront takes its time. */
  async #makeAfterCrash(): Promise<void> {
    const engine = this.#engine
    const slowest = `${this.#cluster.name}-edge-distribution`
    await this.#interrupt()
    this.#report('up, SIGKILL', await crash(engine, this.#cloud, slowest))
    await this.#takeUp()
    // What was being made stays noted until a person has looked.
    assert.equal(await engine.pending(), [slowest])
    await engine.command('refresh', '--yes', '--clear-pending-creates')
    assert.equal(await engine.pending(), [])
  }

  async #nothingToDo(): Promise<void> {
    const before = this.#cloud.calls().length
    assert.equal((await this.#run('preview')).counts, { same: this.#made })
    // It asks for no secret but that of a private repository, so a role that only looks is enough.
    const asked = this.#cloud.calls().slice(before)
    const secrets = asked.filter(({ operation = '' }) => /^(?:GetDistribution|GetSecretValue)/.test(operation))
    assert.is(secrets.length, this.#cluster.gitops.credentials === undefined ? 0 : 1)
  }

  async #previewChange(change: string): Promise<void> {
    const { steps } = await this.#with(
      (settings) => changes[change]?.(settings),
      () => this.#run('preview', change),
    )
    const lines = linesOf(steps)
    assert.equal(lines, this.#table.expected(change, lines))
  }

  /** Both steps of the README; the wait between them is for the gateways, which are not here. */
  async #rotate(): Promise<void> {
    const { settings } = this.#engine
    settings.originSecretPrevious = settings.originSecret
    settings.originSecret = `${originSecret}-new`
    const first = linesOf((await this.#run('up', 'secret: accept')).steps)
    delete settings.originSecretPrevious
    const second = linesOf((await this.#run('up', 'secret: send')).steps)
    assert.equal(
      { first, second },
      {
        first: this.#table.expected('originSecret: accept', first),
        second: this.#table.expected('originSecret: send, then drop', second),
      },
    )
  }

  async #refresh(): Promise<void> {
    const { results } = await this.#run('refresh')
    assert.equal(results, { same: this.#made })
    await this.#nothingToDo()
  }

  async #outputs(): Promise<void> {
    const { problems } = infraFile(await this.#engine.outputs())
    assert.equal(problems, [])
  }

  async #followGit(enabled: boolean): Promise<void> {
    this.#cluster.gitops.enabled = enabled
    const change = `gitops.enabled: ${enabled}`
    const lines = linesOf((await this.#run('up', change)).steps)
    assert.equal(lines, this.#table.expected(change, lines))
    assert.is(await this.#engine.resources(), this.#made + (enabled ? 2 : 0))
  }

  /** Its preview is what stops it: without one the engine takes away all that is not protected before it comes to what is. */
  async #refuseDestroy(): Promise<void> {
    const run = await this.#engine.run('previewDestroy')
    this.#report('destroy, refused', run)
    assert.match(run.failure ?? '', /state unprotect/)
  }

  async #destroy(): Promise<void> {
    await takeProtectionsAway(this.#engine, this.#cloud)
    const { counts } = await this.#run('destroy')
    assert.equal(counts, { delete: this.#made })
    const left = (await this.#cloud.held()).filter((one) => !this.#before.includes(one))
    assert.equal(
      left.filter((one) => !one.endsWith('(waits for its deletion)')),
      [],
    )
    await this.#hideSecret()
    await this.#engine.stack.workspace.removeStack(this.#engine.stack.name)
  }

  async #judgeCalls(): Promise<void> {
    const calls = this.#cloud.calls()
    const again = calls.filter((call) => call.again).length
    console.log(`${this.#name}: ${calls.length} calls, ${again} of them asked again after an answer was lost`)
    assert.ok(calls.length > 1000)
    assert.equal(
      calls.flatMap(({ operation, problems }) => problems.map((problem) => `${operation}: ${problem}`)),
      [],
    )
    assert.equal(newActions(calls, [...this.#engine.types]), [])
    const refused = calls.filter((call) => call.status >= 400 && !isAbsence(call))
    assert.equal(
      refused.map(({ operation, answer }) => `${operation}: ${answer}`),
      [],
    )
  }

  async #hideSecret(): Promise<void> {
    assert.ok(this.#engine.printed.length > 100_000)
    for (const text of [this.#engine.printed, this.#engine.kept()])
      for (const secret of [originSecret, canaryClientSecret]) assert.not.match(text, secret)
  }

  async #with<T>(change: (settings: Settings) => void, body: () => Promise<T>): Promise<T> {
    const { settings } = this.#engine
    this.#engine.settings = structuredClone(settings)
    change(this.#engine.settings)
    try {
      return await body()
    } finally {
      this.#engine.settings = settings
    }
  }

  /** Runs a verb that must go well. */
  async #run(verb: Verb, what: string = verb): Promise<Run> {
    const run = await this.#engine.run(verb)
    this.#report(what, run)
    assert.is(run.failure, undefined)
    return run
  }

  #report(what: string, { counts, seconds }: Run): void {
    console.log(`${this.#name}: ${what}: ${JSON.stringify(counts)}, ${Math.round(seconds)} s`)
  }
}
