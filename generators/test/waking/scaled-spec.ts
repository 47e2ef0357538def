// The ScaledObject of a model whose `scaling` a test writes.
import { sampleRoot } from '../../../test/sample-tree.ts'
import { planRepository } from '../../pipeline.ts'
import { scaledObject } from '../../render/model/scaled-object.ts'
import { withRepository } from '../fixture.ts'
import type { ScaledSpec } from './keda.ts'

const path = 'apps/models/llama-3-3-70b-instruct.yaml'

/** @param scaling the line of the model file */
export const scaledSpecOf = (scaling: string): ScaledSpec =>
  withRepository(sampleRoot, ({ root, read, write }) => {
    write(path, read(path).replace(/^scaling: .*$/m, scaling))
    const { plans, diagnostics } = planRepository(root, { models: [], clusters: ['prod'] })
    const model = plans.flatMap(({ models }) => models).find(({ name }) => path.endsWith(`/${name}.yaml`))
    if (model === undefined) throw new Error(JSON.stringify(diagnostics))
    return scaledObject(model).spec as unknown as ScaledSpec
  })
