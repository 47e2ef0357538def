// The init container that brings the weights: the only one that sees the Hub token. The engine then runs offline.
import type { IIoK8sApiCoreV1Container } from 'kubernetes-models/v1/Container'
import type { ModelPlan } from '../../plan/cluster-plan.ts'
import { modelDirectory, secrets } from '../../schema/contract.ts'
import type { Image } from '../../schema/gateway.ts'
import { imageReference } from '../image-reference.ts'
import { containerSecurityContext } from '../security.ts'
import { fetchMounts } from './volumes.ts'

/** Bundled models stand in the image where they stand in the repository. */
const bundledRoot = '/app'

/** Command line of `model-server fetch`: from where, to where, which files, and the hashes that are locked. */
function args({ name, settings, lock, engine }: ModelPlan): string[] {
  const target = `--to=${modelDirectory(name)}`
  if (settings.bundled) return ['fetch', `--bundled=${bundledRoot}/${settings.model.slice('./'.length)}`, target]
  return [
    'fetch',
    `--model=${settings.model}`,
    `--revision=${settings.revision}`,
    target,
    ...engine.files.map((pattern) => `--allow=${pattern}`),
    ...(lock.weightFiles ?? []).flatMap((file) =>
      file.sha256 === undefined ? [] : [`--sha256=${file.name}=${file.sha256}`],
    ),
  ]
}

export function fetchContainer(model: ModelPlan, modelServer: Image): IIoK8sApiCoreV1Container {
  const token = {
    name: 'HF_TOKEN',
    // A gated model must not start without its token; the others need none.
    valueFrom: { secretKeyRef: { name: secrets.hubToken.name, key: 'token', optional: !model.lock.gated } },
  }
  return {
    name: 'fetch',
    image: imageReference(modelServer),
    args: args(model),
    env: model.settings.bundled ? [] : [{ name: 'HF_HOME', value: '/tmp/hub' }, token],
    resources: { requests: { cpu: '500m', memory: '512Mi' }, limits: { memory: '512Mi' } },
    securityContext: containerSecurityContext(),
    volumeMounts: fetchMounts,
  }
}
