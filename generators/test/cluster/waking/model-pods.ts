// What a kubelet would do with the pods of one model: runs the programs of their containers here, at the pod’s address, and writes what
// becomes of them into the status. The simulated nodes leave these pods alone.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ServerProcess } from '../../../../model-server/test/server-process.ts'
import { labels, modelComponent, modelDirectory, namespaces, ports } from '../../../schema/contract.ts'
import { type ControlPlane, until } from '../control-plane.ts'
import { type Program, variables } from '../job-pods.ts'

interface Pod {
  metadata: { name: string; deletionTimestamp?: string }
  spec: { nodeName?: string; containers: Program[]; initContainers?: Program[] }
}

interface Running {
  address: string
  folder: string
  programs: ServerProcess[]
  /** What the container that fetched said. */
  fetched: string
}

type State = Record<string, object>

/** Seconds that the image of a container takes. */
const pullSeconds = 1

export class ModelPods {
  readonly running = new Map<string, Running>()
  readonly #folders: string[] = []
  readonly #ending: Promise<void>[] = []
  readonly #controlPlane: ControlPlane
  readonly #model: string
  readonly #environment: Record<string, string>
  #isOver = false
  #count = 0

  /** @param environment what else the programs see: where S3 is, and credentials in the place of Pod Identity’s */
  constructor(controlPlane: ControlPlane, model: string, environment: Record<string, string>) {
    this.#controlPlane = controlPlane
    this.#model = model
    this.#environment = environment
  }

  async start(): Promise<void> {
    while (!this.#isOver) {
      await this.#look().catch((error: unknown) => console.log(`pods of ${this.#model}: ${String(error)}`))
      await new Promise((resolve) => setTimeout(resolve, 300))
    }
  }

  /** Returns when its programs and folders are gone. */
  async stop(): Promise<void> {
    this.#isOver = true
    for (const name of this.running.keys()) this.#end(name)
    await Promise.all(this.#ending)
  }

  /** Folders that are there: of running pods, of those that end, and none else. */
  get folders(): string[] {
    return this.#folders.filter((folder) => existsSync(folder))
  }

  async #look(): Promise<void> {
    const selector = `${labels.name}=${this.#model},${labels.component}=${modelComponent}`
    const pods = await this.#controlPlane.list<Pod>('pods', '--namespace', namespaces.models, '--selector', selector)
    const here = pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    for (const name of this.running.keys()) if (!here.some(({ metadata }) => metadata.name === name)) this.#end(name)
    for (const pod of here) {
      if (pod.spec.nodeName === undefined || this.running.has(pod.metadata.name) || this.#isOver) continue
      void this.#run(pod).catch((error: unknown) => console.log(`pod ${pod.metadata.name}: ${String(error)}`))
    }
  }

  #end(name: string): void {
    const pod = this.running.get(name)
    this.running.delete(name)
    if (pod === undefined) return
    for (const { child } of pod.programs) child.kill('SIGKILL')
    execFileSync('ip', ['addr', 'del', `${pod.address}/32`, 'dev', 'lo'])
    // Until it is gone, a program that was killed may still make a file in the folder.
    const ended = Promise.all(pod.programs.map((program) => program.ended))
    this.#ending.push(ended.then(() => rmSync(pod.folder, { recursive: true, force: true })))
  }

  async #run({ metadata: { name }, spec }: Pod): Promise<void> {
    this.#count += 1
    const address = `10.255.0.${this.#count}`
    execFileSync('ip', ['addr', 'replace', `${address}/32`, 'dev', 'lo'])
    const pod: Running = { address, folder: mkdtempSync(join(tmpdir(), 'slipway-pod-')), programs: [], fetched: '' }
    this.running.set(name, pod)
    this.#folders.push(pod.folder)
    const [fetch] = spec.initContainers ?? []
    const [engine] = spec.containers
    if (fetch === undefined || engine === undefined) throw new Error('it has not the containers of a model')
    const waiting = { waiting: { reason: 'PodInitializing' } }
    const running = { running: { startedAt: new Date().toISOString() } }
    // A pod may end in each of the pauses: a program that is started afterwards would make its folder again, and nobody would end it.
    const isGone = (): boolean => this.running.get(name) !== pod
    const write = (init: State, main: State, isReady = false) => this.#write(name, { init, main, isReady, address })
    await write(waiting, waiting)
    await seconds(pullSeconds)
    await write(running, waiting)
    if (isGone()) return
    const fetching = this.#spawn(pod, fetch, [])
    const { code, errors } = await fetching.ended
    pod.fetched = errors
    if (isGone()) return
    if (code !== 0) throw new Error(`fetch ended with ${code}: ${errors}`)
    const done = { terminated: { exitCode: 0, reason: 'Completed' } }
    await write(done, waiting)
    await seconds(pullSeconds)
    await write(done, running)
    if (isGone()) return
    this.#spawn(pod, engine, [`--host=${address}`])
    await until(`the engine of ${name}`, 30, async () => {
      if (isGone()) return true
      return (await globalThis.fetch(`http://${address}:${ports.model.number}/health`)).ok ? true : 'not yet'
    })
    if (!isGone()) await write(done, running, true)
  }

  /** Its own folder is in the place of the volumes. */
  #spawn(pod: Running, program: Program, more: string[]): ServerProcess {
    const own = join(pod.folder, this.#model)
    mkdirSync(own, { recursive: true })
    const args = (program.args ?? []).map((word) => word.replace(modelDirectory(this.#model), own))
    // The kubelet says where the API is, even without links to services.
    const env = { ...variables(program), ...this.#environment, HOME: pod.folder, KUBERNETES_SERVICE_HOST: '10.100.0.1' }
    const started = new ServerProcess([...args, ...more], env)
    pod.programs.push(started)
    return started
  }

  #write(
    name: string,
    { init, main, isReady, address }: { init: State; main: State; isReady: boolean; address: string },
  ): Promise<void> {
    const condition = (type: string, is: boolean) => ({
      type,
      status: is ? 'True' : 'False',
      lastTransitionTime: new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
    })
    const container = (container: string, state: State, ready: boolean) => ({
      name: container,
      image: container,
      imageID: '',
      ready,
      restartCount: 0,
      state,
    })
    return this.#controlPlane.writePodStatus(name, {
      phase: 'running' in main ? 'Running' : 'Pending',
      podIP: address,
      podIPs: [{ ip: address }],
      conditions: [
        condition('Initialized', 'terminated' in init),
        condition('ContainersReady', isReady),
        condition('Ready', isReady),
      ],
      initContainerStatuses: [container('fetch', init, 'terminated' in init)],
      containerStatuses: [container('engine', main, isReady)],
    })
  }
}

const seconds = (count: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, count * 1000))
