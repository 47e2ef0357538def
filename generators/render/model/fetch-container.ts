// The init container that brings the weights: from the cluster’s bucket, the Hub or the image. The engine then runs offline.
import type { IIoK8sApiCoreV1Container } from 'kubernetes-models/v1/Container'
import type { ModelPlan } from '../../plan/cluster-plan.ts'
import { lockedFiles } from '../../plan/weights.ts'
import { modelDirectory, secrets } from '../../schema/contract.ts'
import type { Image } from '../../schema/gateway.ts'
import { imageReference } from '../image-reference.ts'
import { containerSecurityContext } from '../security.ts'
import { fetchMounts } from './volumes.ts'

/** Bundled models are in the image where they are in the repository. */
const bundledRoot = '/app'

/** What the Hub is asked for. */
export const hubArgs = ({ settings, engine }: ModelPlan): string[] => [
  `--model=${settings.model}`,
  `--revision=${settings.revision}`,
  ...engine.files.map((pattern) => `--allow=${pattern}`),
]

export const hashArgs = ({ lock }: ModelPlan): string[] =>
  lockedFiles(lock).flatMap(({ name, sha256 }) => (sha256 === undefined ? [] : [`--sha256=${name}=${sha256}`]))

/** Command line of `model-server fetch`: from where, to where, which files, and the hashes that are locked. */
function args(model: ModelPlan): string[] {
  const { name, settings, weights } = model
  const target = `--to=${modelDirectory(name)}`
  if (settings.bundled) return ['fetch', `--bundled=${bundledRoot}/${settings.model.slice('./'.length)}`, target]
  if (weights.store !== undefined) return ['fetch', `--store=${weights.store.place}`, target, ...hashArgs(model)]
  const [id = '', revision = '', ...patterns] = hubArgs(model)
  return ['fetch', id, revision, target, ...patterns, ...hashArgs(model)]
}

type Variables = NonNullable<IIoK8sApiCoreV1Container['env']>

/** Only the container that fetches from the Hub sees its token. */
export function hubEnvironment({ lock, weights: { mirror } }: ModelPlan): Variables {
  const token = {
    name: 'HF_TOKEN',
    // A gated model must not start without its token; the others need none.
    valueFrom: { secretKeyRef: { name: secrets.hubToken.name, key: 'token', optional: !lock.gated } },
  }
  const endpoint = mirror === undefined ? [] : [{ name: 'HF_ENDPOINT', value: mirror.endpoint }]
  return [...endpoint, { name: 'HF_HOME', value: '/tmp/hub' }, token]
}

function environment(model: ModelPlan): Variables {
  const { source, store } = model.weights
  if (store !== undefined) return [{ name: 'AWS_REGION', value: store.region }]
  return source === 'image' ? [] : hubEnvironment(model)
}

export const fetchContainer = (model: ModelPlan, modelServer: Image): IIoK8sApiCoreV1Container => ({
  name: 'fetch',
  image: imageReference(modelServer),
  args: args(model),
  env: environment(model),
  resources: { requests: { cpu: '500m', memory: '512Mi' }, limits: { memory: '512Mi' } },
  securityContext: containerSecurityContext(),
  volumeMounts: fetchMounts,
})
