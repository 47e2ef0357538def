// Rules over the rendered objects of one cluster, in memory: what an API server, a scheduler or a reviewer would refuse.
import { type Code, codes } from '../../diagnostics/codes.ts'
import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import type { KubernetesObject, Manifest } from '../../render/manifest.ts'
import { type Container, describe, type Workload, workloadsOf } from './app-objects.ts'
import { applicationProblems } from './application-rules.ts'
import { gpuProblems, nodePoolLabels } from './gpu-rules.ts'
import { kindProblem } from './kind-validators.ts'
import { nameProblems } from './name-rules.ts'
import { podSecurityProblems } from './pod-security.ts'
import { referenceProblems } from './reference-rules.ts'

/** `complete: false`: only some apps were rendered, so rules across apps say nothing. Positions are the source files. */
export function validateManifests(manifests: readonly Manifest[], { complete }: { complete: boolean }): Diagnostic[] {
  const found: Diagnostic[] = []
  const add = (code: Code, { source }: Manifest, message: string, hint: string): void => {
    found.push({ code, level: codes[code].level, position: { file: source, line: 1, column: 1 }, message, hint })
  }
  for (const manifest of manifests) checkObject(manifest, add)
  const workloads = workloadsOf(manifests)
  const pools = complete ? nodePoolLabels(manifests) : undefined
  for (const workload of workloads) checkWorkload(workload, pools, add)
  const byApp = Map.groupBy(workloads, ({ manifest }) => manifest.app)
  for (const [app, members] of Map.groupBy(manifests, ({ app }) => app)) {
    for (const { code, manifest, message, hint } of referenceProblems(members, byApp.get(app) ?? []))
      add(code, manifest, message, hint)
  }
  checkDuplicates(manifests, add)
  if (complete)
    for (const { manifest, message, hint } of applicationProblems(manifests))
      add('APPLICATION_ORPHAN', manifest, message, hint)
  return found
}

type Add = (code: Code, manifest: Manifest, message: string, hint: string) => void

function checkObject(manifest: Manifest, add: Add): void {
  const { object } = manifest
  if (object.kind === 'Secret') {
    add(
      'SECRET_RENDERED',
      manifest,
      `${describe(object)} would put a secret into Git`,
      'render an ExternalSecret that names it in Secrets Manager',
    )
    return
  }
  const problem = kindProblem(object)
  if (problem !== undefined)
    add(
      'RENDERED_INVALID',
      manifest,
      `${describe(object)}: ${problem}`,
      'a field of the source, or the renderer, is wrong',
    )
  for (const text of nameProblems(object))
    add('RENDERED_NAME', manifest, `${describe(object)}: ${text}`, 'shorten or rename it in the source')
  if (holdsToken(object))
    add(
      'TOKEN_RENDERED',
      manifest,
      `${describe(object)} holds a Hugging Face token`,
      'revoke the token, then keep it in Secrets Manager',
    )
}

/** Walks the values instead of one large JSON text: nearly every string is far too short to be a token. */
function holdsToken(value: unknown): boolean {
  if (typeof value === 'string') return value.length >= 33 && value.includes('hf_') && /hf_[A-Za-z0-9]{30,}/.test(value)
  if (typeof value !== 'object' || value === null) return false
  for (const key in value) if (holdsToken((value as Record<string, unknown>)[key])) return true
  return false
}

function checkWorkload(workload: Workload, pools: readonly Record<string, string>[] | undefined, add: Add): void {
  const { manifest, containers } = workload
  const name = describe(manifest.object)
  for (const text of podSecurityProblems(workload))
    add('POD_SECURITY', manifest, `${name}: ${text}`, 'use the security contexts of generators/render/security.ts')
  for (const text of gpuProblems(workload, pools))
    add('GPU_LIMIT', manifest, `${name}: ${text}`, 'GPUs come from accelerator.count and the node pools of the cluster')
  for (const container of containers) {
    if (isUnpinned(container))
      add(
        'IMAGE_UNPINNED',
        manifest,
        `${name}: container ${container.name} runs ${container.image}, which may be another tomorrow`,
        'name a version, best with its digest',
      )
  }
}

function isUnpinned({ image = '' }: Container): boolean {
  if (image.includes('@sha256:')) return false
  const tag = image.slice(image.lastIndexOf('/') + 1).split(':')[1]
  return tag === undefined || tag === '' || tag === 'latest'
}

/** The API server knows an object by group, kind, namespace and name; a folder knows a file by kind and name. */
function checkDuplicates(manifests: readonly Manifest[], add: Add): void {
  const seen = new Set<string>()
  for (const manifest of manifests) {
    const { object, app } = manifest
    const keys = [identity(object), `file ${app}/${object.kind.toLowerCase()}-${object.metadata.name}`]
    if (keys.some((key) => seen.has(key))) {
      add(
        'RENDERED_DUPLICATE',
        manifest,
        `${describe(object)} in ${app} is rendered twice, or shares its file with another`,
        'names are unique per kind in a folder, and per namespace in a cluster',
      )
    }
    for (const key of keys) seen.add(key)
  }
}

const identity = ({ apiVersion, kind, metadata }: KubernetesObject): string =>
  `${apiVersion.split('/').slice(0, -1).join('/')} ${kind} ${metadata.namespace ?? ''} ${metadata.name}`
