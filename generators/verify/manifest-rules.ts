// Rules over the rendered objects of one cluster, in memory: what an API server, a scheduler or a reviewer would refuse.
import type { Code } from '../diagnostics/codes.ts'
import { diagnose, startOf } from '../diagnostics/diagnose.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { KubernetesObject, Manifest } from '../render/manifest.ts'
import { type Container, describe, type Workload, workloadsOf } from './app-objects.ts'
import { FolderRules } from './folder-rules.ts'
import { gpuProblems, PoolRules } from './gpu-rules.ts'
import { kindProblem } from './kind-validators.ts'
import { nameProblems } from './name-rules.ts'
import { podSecurityProblems } from './pod-security.ts'
import { referenceProblems } from './reference-rules.ts'

type Add = (code: Code, source: string, message: string, hint: string) => void

/**
 * Takes the objects of one cluster folder by folder, so that none has to be kept; `finish` adds the rules across folders.
 * Positions are the first line of the source file; messages name the object.
 */
export class ManifestRules {
  readonly diagnostics: Diagnostic[] = []
  readonly #seen = new Set<string>()
  readonly #folders = new FolderRules()
  readonly #pools = new PoolRules()

  readonly #add: Add = (code, source, message, hint) => {
    this.diagnostics.push(diagnose(code, startOf(source), message, hint))
  }

  /** `texts` are the manifests as they will be written, in the same order. */
  check(manifests: readonly Manifest[], texts: readonly string[]): void {
    for (const [index, manifest] of manifests.entries()) {
      checkObject(manifest, texts[index] ?? '', this.#add)
      this.#checkDuplicate(manifest)
      this.#folders.note(manifest)
      this.#pools.note(manifest)
    }
    const workloads = workloadsOf(manifests)
    for (const workload of workloads) {
      checkWorkload(workload, this.#add)
      this.#pools.noteUser(workload)
    }
    for (const { code, manifest, message, hint } of referenceProblems(manifests, workloads)) {
      this.#add(code, manifest.source, message, hint)
    }
  }

  /** Only when every folder of the cluster was given. */
  finish(): void {
    for (const { source, message, hint } of this.#folders.problems())
      this.#add('APPLICATION_ORPHAN', source, message, hint)
    for (const { source, message } of this.#pools.problems()) this.#add('GPU_LIMIT', source, message, gpuHint)
  }

  /** The API server knows an object by group, kind, namespace and name; a folder knows a file by kind and name. */
  #checkDuplicate({ object, app, source }: Manifest): void {
    const keys = [identity(object), `file ${app}/${object.kind.toLowerCase()}-${object.metadata.name}`]
    if (keys.some((key) => this.#seen.has(key))) {
      const message = `${describe(object)} in ${app} is rendered twice, or shares its file with another`
      this.#add(
        'RENDERED_DUPLICATE',
        source,
        message,
        'names are unique per kind in a folder, and per namespace in a cluster',
      )
    }
    for (const key of keys) this.#seen.add(key)
  }
}

const identity = ({ apiVersion, kind, metadata }: KubernetesObject): string =>
  `${apiVersion.split('/').slice(0, -1).join('/')} ${kind} ${metadata.namespace ?? ''} ${metadata.name}`

function checkObject({ object, source }: Manifest, text: string, add: Add): void {
  if (object.kind === 'Secret') {
    add(
      'SECRET_RENDERED',
      source,
      `${describe(object)} would put a secret into Git`,
      'render an ExternalSecret that names it in Secrets Manager',
    )
    return
  }
  const problem = kindProblem(object)
  if (problem !== undefined)
    add(
      'RENDERED_INVALID',
      source,
      `${describe(object)}: ${problem}`,
      'a field of the source, or the renderer, is wrong',
    )
  for (const name of nameProblems(object))
    add('RENDERED_NAME', source, `${describe(object)}: ${name}`, 'shorten or rename it in the source')
  // In the text, because looking at every string of every object costs more than all other rules.
  if (text.includes('hf_') && /hf_[A-Za-z0-9]{30,}/.test(text)) {
    add(
      'TOKEN_RENDERED',
      source,
      `${describe(object)} holds a Hugging Face token`,
      'revoke the token, then keep it in Secrets Manager',
    )
  }
}

const gpuHint = 'GPUs come from accelerator.count and the node pools of the cluster'

function checkWorkload(workload: Workload, add: Add): void {
  const { source, object } = workload.manifest
  const name = describe(object)
  for (const text of podSecurityProblems(workload))
    add('POD_SECURITY', source, `${name}: ${text}`, 'use the security contexts of generators/render/security.ts')
  for (const text of gpuProblems(workload)) add('GPU_LIMIT', source, `${name}: ${text}`, gpuHint)
  for (const container of workload.containers) {
    if (!isUnpinned(container)) continue
    const message = `${name}: container ${container.name} runs ${container.image}, which may be another tomorrow`
    add('IMAGE_UNPINNED', source, message, 'name a version, best with its digest')
  }
}

function isUnpinned({ image = '' }: Container): boolean {
  if (image.includes('@sha256:')) return false
  const tag = image.slice(image.lastIndexOf('/') + 1).split(':')[1]
  return tag === undefined || tag === '' || tag === 'latest'
}
