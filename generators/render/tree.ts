// One cdk8s App per rendered folder and source: builds the constructs, returns plain objects. An App of its own keeps
// `toJson` linear; one App for all models resolves the whole tree again for each chart (cdk8s FILE_PER_CHART is quadratic).
import { ApiObject, App, Chart } from 'cdk8s'
import type { KubernetesObject, Manifest } from './manifest.ts'

export interface Folder {
  cluster: string
  /** Folder under clusters/C/rendered. */
  app: string
  /** Hand-written file the objects come from. */
  source: string
}

/** Runs `build` on an empty chart and returns what it declared, in the order of declaration. */
export function tree(folder: Folder, build: (chart: Chart) => void): Manifest[] {
  const chart = new Chart(new App(), folder.app, { disableResourceNameHashes: true })
  build(chart)
  // `chart.toJson` would sort by dependencies, which we have none of, at a third of the whole cost.
  const objects = chart.node.findAll().filter((construct) => ApiObject.isApiObject(construct))
  return objects.map((object) => ({ ...folder, object: object.toJson() as KubernetesObject }))
}

/** What every typed object of kubernetes-models is. */
interface TypedObject {
  apiVersion: string
  kind: string
  metadata?: { name?: string; namespace?: string }
}

/** An object given whole. cdk8s's own classes drop fields they do not know (a GPU count becomes null), this one keeps all. */
export function apiObject<T extends TypedObject>(chart: Chart, object: T): void {
  const { name = '', namespace = '' } = object.metadata ?? {}
  new ApiObject(chart, `${object.kind}-${namespace}-${name}`, object)
}
