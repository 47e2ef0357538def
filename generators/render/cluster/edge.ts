// Folders `ingress-class`: the class of our Ingresses, with the settings of the balancer as a whole; and `edge`: the anchor Ingress. With
// the last Ingress of its group the controller would try to delete the ALB that it adopted; no commit takes this one away. Two
// Applications, because the controller's webhook refuses an Ingress, also in a dry run, until its class is there.
import type { IIngress } from 'kubernetes-models/networking.k8s.io/v1/Ingress'
import type { ClusterPlan } from '../../plan/cluster-plan.ts'
import type { Cluster } from '../../schema/cluster.ts'
import { labels, loadBalancer, namespaces, partOf } from '../../schema/contract.ts'
import {
  albAnnotations,
  balancerAnnotations,
  ingressClass,
  ingressClassName,
  ingressClassParams,
} from '../load-balancer.ts'
import type { Manifest } from '../manifest.ts'
import { apiObject, tree } from '../tree.ts'

const action = 'not-found'

/** What a request gets that no rule takes: the shape of an OpenAI error. */
const notFound = {
  type: 'fixed-response',
  fixedResponseConfig: {
    contentType: 'application/json',
    statusCode: '404',
    messageBody: JSON.stringify({
      error: { message: 'Not found', type: 'invalid_request_error', param: null, code: 'not_found' },
    }),
  },
}

const anchor = (cluster: Cluster): IIngress => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: {
    name: 'anchor',
    namespace: namespaces.edge,
    labels: { [labels.partOf]: partOf },
    annotations: {
      ...albAnnotations({
        ...balancerAnnotations(cluster),
        'group.order': loadBalancer.anchorOrder,
        [`actions.${action}`]: JSON.stringify(notFound),
      }),
      'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false',
    },
  },
  // No rules: the group's only default backend.
  spec: { ingressClassName, defaultBackend: { service: { name: action, port: { name: 'use-annotation' } } } },
})

export const renderEdge = ({ cluster, source }: ClusterPlan): Manifest[] =>
  tree({ cluster: cluster.name, app: 'edge', source: source.path }, (chart) => apiObject(chart, anchor(cluster)))

export const renderIngressClass = (plan: ClusterPlan): Manifest[] =>
  tree({ cluster: plan.cluster.name, app: 'ingress-class', source: plan.source.path }, (chart) => {
    for (const object of [ingressClassParams(plan), ingressClass]) apiObject(chart, object)
  })
