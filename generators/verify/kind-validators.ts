// The compiled validators of kubernetes-models, for the kinds that synth renders.
import { Application } from '@kubernetes-models/argo-cd/argoproj.io/v1alpha1/Application'
import { AppProject } from '@kubernetes-models/argo-cd/argoproj.io/v1alpha1/AppProject'
import { EC2NodeClass } from '@kubernetes-models/karpenter/karpenter.k8s.aws/v1/EC2NodeClass'
import { NodePool } from '@kubernetes-models/karpenter/karpenter.sh/v1/NodePool'
import { ScaledObject } from '@kubernetes-models/keda/keda.sh/v1alpha1/ScaledObject'
import { Deployment } from 'kubernetes-models/apps/v1/Deployment'
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler'
import { CronJob } from 'kubernetes-models/batch/v1/CronJob'
import { Job } from 'kubernetes-models/batch/v1/Job'
import { Ingress } from 'kubernetes-models/networking.k8s.io/v1/Ingress'
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy'
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget'
import { Role } from 'kubernetes-models/rbac.authorization.k8s.io/v1/Role'
import { RoleBinding } from 'kubernetes-models/rbac.authorization.k8s.io/v1/RoleBinding'
import { ConfigMap } from 'kubernetes-models/v1/ConfigMap'
import { Namespace } from 'kubernetes-models/v1/Namespace'
import { ResourceQuota } from 'kubernetes-models/v1/ResourceQuota'
import { Service } from 'kubernetes-models/v1/Service'
import { ServiceAccount } from 'kubernetes-models/v1/ServiceAccount'

interface Validated {
  apiVersion: string
  kind: string
  prototype: { validate(): void }
}

// biome-ignore format: a list of names reads best as one
const kinds = [
  Application, AppProject, ConfigMap, CronJob, Deployment, EC2NodeClass, HorizontalPodAutoscaler, Ingress, Job, Namespace, NetworkPolicy,
  NodePool, PodDisruptionBudget, ResourceQuota, Role, RoleBinding, ScaledObject, Service, ServiceAccount,
] as unknown as Validated[]

const validators = new Map(kinds.map((kind) => [`${kind.apiVersion} ${kind.kind}`, kind.prototype.validate]))

/**
 * Kinds of which no field comes from a model file or is computed: their types are checked when this program is compiled,
 * and their validators alone would cost as much start-up time and memory as all others together.
 */
const checkedByType = new Set([
  'external-secrets.io/v1 ClusterSecretStore',
  'external-secrets.io/v1 ExternalSecret',
  'elbv2.k8s.aws/v1beta1 IngressClassParams',
  'networking.k8s.io/v1 IngressClass',
  'admissionregistration.k8s.io/v1 ValidatingAdmissionPolicy',
  'admissionregistration.k8s.io/v1 ValidatingAdmissionPolicyBinding',
  'monitoring.coreos.com/v1 PodMonitor',
  'storage.k8s.io/v1 StorageClass',
  // Its expressions are what matters, and a test gives them to Prometheus itself.
  'monitoring.coreos.com/v1 PrometheusRule',
])

/** What is wrong with an object, in the validator's words; undefined when it is valid. A kind without validator is wrong. */
export function kindProblem(object: { apiVersion: string; kind: string }): string | undefined {
  const name = `${object.apiVersion} ${object.kind}`
  if (checkedByType.has(name)) return undefined
  const validate = validators.get(name)
  if (validate === undefined) return `no validator knows ${name}`
  try {
    // Called on the plain object: building a model would copy every field of it.
    validate.call(object)
    return undefined
  } catch (error) {
    return (error instanceof Error ? error.message : String(error)).replaceAll('\n', '; ')
  }
}
