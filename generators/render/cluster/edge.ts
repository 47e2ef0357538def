// Folder `edge`: the permanent anchor Ingress. The ALB that the platform made and the controller adopted would be deleted
// with the last Ingress of its group; this one never goes, and it carries every setting of the balancer as a whole.
import type { IIngress } from 'kubernetes-models/networking.k8s.io/v1/Ingress'
import type { ClusterPlan } from '../../plan/cluster-plan.ts'
import { labels, loadBalancer, namespaces, partOf } from '../../schema/contract.ts'
import { albAnnotations, balancerAnnotations, ingressClassName } from '../load-balancer.ts'
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

const attributes = [
  // Without this on the Ingress itself the controller turns the protection off and deletes the ALB.
  'deletion_protection.enabled=true',
  `idle_timeout.timeout_seconds=${loadBalancer.idleTimeoutSeconds}`,
  'routing.http.drop_invalid_header_fields.enabled=true',
  'routing.http.desync_mitigation_mode=defensive',
]

const anchor = (cluster: string): IIngress => ({
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
        'load-balancer-attributes': attributes.join(','),
        'wafv2-acl-name': loadBalancer.webAclName(cluster),
        [`actions.${action}`]: JSON.stringify(notFound),
      }),
      'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false',
    },
  },
  // No rules: the group's only default backend.
  spec: { ingressClassName, defaultBackend: { service: { name: action, port: { name: 'use-annotation' } } } },
})

export const renderEdge = ({ cluster, source }: ClusterPlan): Manifest[] =>
  tree({ cluster: cluster.name, app: 'edge', source: source.path }, (chart) => apiObject(chart, anchor(cluster.name)))
