// A real API server takes everything that synth rendered. SLIPWAY_CONTROL_PLANE names a folder with the programs `up` and
// `down`, which start and stop one with the custom resources' definitions; without it the test is skipped.
import { execFile, execFileSync } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import { assert, describe } from '../../../test/spec.ts'
import { repositoryRoot } from '../fixture.ts'

interface Rendered {
  path: string
  object: { apiVersion: string; kind: string; metadata: { name: string } }
}

const rendered: Rendered[] = globSync('clusters/*/rendered/*/*.yaml', { cwd: repositoryRoot })
  .sort()
  .map((path) => ({ path, object: parse(readFileSync(join(repositoryRoot, path), 'utf8')) as Rendered['object'] }))

const clusters = [...new Set(rendered.map(({ path }) => path.split('/')[1] ?? ''))]

class ControlPlane {
  readonly #programs: string
  readonly #folder = mkdtempSync(join(tmpdir(), 'slipway-control-plane-'))
  #environment: NodeJS.ProcessEnv = {}

  constructor(programs: string) {
    this.#programs = programs
  }

  up(): void {
    execFileSync(join(this.#programs, 'up'), ['--dir', this.#folder, '--with', 'crds'], {
      stdio: 'pipe',
      timeout: 300_000,
    })
    const variables = execFileSync('bash', ['-c', '. "$1"/env && env -0', 'bash', this.#folder], { encoding: 'utf8' })
    this.#environment = Object.fromEntries(
      variables
        .split('\0')
        .filter(Boolean)
        .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    )
  }

  down(): void {
    execFileSync(join(this.#programs, 'down'), ['--dir', this.#folder, '--purge'], { stdio: 'pipe', timeout: 60_000 })
    rmSync(this.#folder, { recursive: true, force: true })
  }

  kubectl(...args: string[]): Promise<{ status: number; out: string; log: string }> {
    return new Promise((resolve) => {
      execFile(
        'kubectl',
        args,
        { cwd: repositoryRoot, env: this.#environment, maxBuffer: 1 << 26 },
        (error, out, log) => resolve({ status: error === null ? 0 : Number(error.code ?? 1), out, log }),
      )
    })
  }

  /** What the server knows of the wanted kinds; waits a while, since new definitions are served a moment after they are made. */
  async knownKinds(wanted: ReadonlySet<string>): Promise<Set<string>> {
    await this.kubectl('wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s')
    for (let tries = 0; ; tries += 1) {
      const kinds = await this.#kinds()
      if (tries === 20 || wanted.isSubsetOf(kinds)) return kinds
      await new Promise((resolve) => setTimeout(resolve, 1000))
    }
  }

  /** `group/version kind` of everything the server serves now. */
  async #kinds(): Promise<Set<string>> {
    const { out } = await this.kubectl('api-resources', '--no-headers', '-o', 'wide')
    return new Set(
      out.split('\n').map((line) => {
        const columns = line.trim().split(/\s+/)
        const version = columns.findIndex((column) => /^(?:[a-z0-9.-]+\/)?v\d\w*$/.test(column))
        return `${columns[version]} ${columns[version + 2]}`
      }),
    )
  }
}

const kindOf = ({ apiVersion, kind }: Rendered['object']): string => `${apiVersion} ${kind}`

const isBuiltIn = ({ apiVersion }: Rendered['object']): boolean =>
  !apiVersion.includes('.') || apiVersion.includes('.k8s.io/')

const apply = ['apply', '--server-side', '--force-conflicts', '--validate=strict']

describe('a real API server', (test) => {
  const programs = process.env.SLIPWAY_CONTROL_PLANE
  if (programs === undefined) {
    test.skip('accepts every rendered object', 'SLIPWAY_CONTROL_PLANE is not set')
    return
  }
  const controlPlane = new ControlPlane(programs)
  test.after(() => controlPlane.down())

  test('starts', () => controlPlane.up(), { timeoutSeconds: 300 })

  for (const cluster of clusters) {
    const folder = `clusters/${cluster}/rendered`

    test(`takes the namespaces of ${cluster} for real`, async () => {
      await controlPlane.kubectl('create', 'namespace', 'argocd')
      const { status, log } = await controlPlane.kubectl(...apply, '-f', `${folder}/namespaces`)
      assert.is(status, 0, log)
    })

    test(
      `accepts every rendered object of ${cluster}, strictly`,
      async () => {
        const own = rendered.filter(({ path }) => path.startsWith(folder))
        const kinds = await controlPlane.knownKinds(new Set(own.map(({ object }) => kindOf(object))))
        const known = own.filter(({ object }) => kinds.has(kindOf(object)))
        const absent = own.filter((one) => !known.includes(one))
        for (const kind of new Set(absent.map(({ object }) => object.kind)))
          console.log(`no definition of ${kind} here: not checked`)
        const files = known.flatMap(({ path }) => ['-f', path])
        const { status, out, log } = await controlPlane.kubectl(...apply, '--dry-run=server', ...files)
        assert.is(status, 0, log)
        assert.is(out.trim().split('\n').length, known.length)
        // Only custom resources may be unknown to a server; a built-in kind that is missing was never checked.
        assert.equal(
          absent.filter(({ object }) => isBuiltIn(object)).map(({ path }) => path),
          [],
        )
      },
      { timeoutSeconds: 300 },
    )
  }

  test('refuses a pod that Pod Security forbids, and a field that does not exist', async () => {
    const file = join(tmpdir(), `slipway-refused-${process.pid}.yaml`)
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'refused', namespace: 'models' },
      spec: { containers: [{ name: 'a', image: 'a:1', securityContext: { privileged: true } }] },
    }
    try {
      writeFileSync(file, JSON.stringify(pod))
      const privileged = await controlPlane.kubectl(...apply, '--dry-run=server', '-f', file)
      assert.is(privileged.status, 1)
      assert.match(privileged.log, 'violates PodSecurity "restricted')
      writeFileSync(
        file,
        JSON.stringify({
          apiVersion: 'v1',
          kind: 'Service',
          metadata: { name: 'a', namespace: 'models' },
          spec: { portz: [] },
        }),
      )
      const unknown = await controlPlane.kubectl(...apply, '--dry-run=server', '-f', file)
      assert.is(unknown.status, 1)
      assert.match(unknown.log, 'portz')
    } finally {
      rmSync(file, { force: true })
    }
  })
})
