// Labels of a model's objects. The selector is fixed forever: Kubernetes does not let a Deployment change it.
import { labels, modelComponent, partOf } from '../../schema/contract.ts'

export const selectorLabels = (name: string): Record<string, string> => ({
  [labels.name]: name,
  [labels.component]: modelComponent,
  [labels.partOf]: partOf,
})
