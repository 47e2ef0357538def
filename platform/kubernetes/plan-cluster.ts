// Versions and settings of the Kubernetes cluster. Pure; every pinned version is here once.

import type { Cluster } from '../../generators/schema/cluster.ts'
import { defaultServiceCidr } from '../../generators/schema/cluster-kubernetes.ts'
import { rootDevice } from '../../generators/schema/contract.ts'

/** Standard support until 2027-03-27; Karpenter 1.9 or newer (github.com/aws/karpenter-provider-aws, compatibility). */
export const kubernetesVersion = '1.35'

/** All of them: an incident is understood from the control plane’s logs or not at all. */
export const controlPlaneLogs = ['api', 'audit', 'authenticator', 'controllerManager', 'scheduler']

export const clusterAdminPolicy = 'arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy'

/** Reads all but Secrets. */
export const clusterViewPolicy = 'arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy'

/** Everything about the control plane that is not a reference to another resource. */
export const controlPlaneSettings = ({ name }: Cluster) => ({
  name,
  version: kubernetesVersion,
  // Access entries alone: nobody is an administrator because of having made the cluster.
  accessConfig: { authenticationMode: 'API', bootstrapClusterCreatorAdminPermissions: false },
  // The add-ons are ours, pinned.
  bootstrapSelfManagedAddons: false,
  deletionProtection: true,
  enabledClusterLogTypes: controlPlaneLogs,
  kubernetesNetworkConfig: { serviceIpv4Cidr: defaultServiceCidr, ipFamily: 'ipv4' },
  // Extended support costs six times as much, and is the default.
  upgradePolicy: { supportType: 'STANDARD' },
})

/** The Kubernetes API: inside the VPC always, from outside only for the ranges that the cluster file lists. */
export const apiAccess = ({ kubernetesApi: { publicCidrs } }: Cluster) => ({
  endpointPrivateAccess: true,
  endpointPublicAccess: publicCidrs.length > 0,
  ...(publicCidrs.length > 0 ? { publicAccessCidrs: publicCidrs } : {}),
})

/** What a node may do itself: join, pull images, ask for its pods’ credentials. The VPC CNI and all others have roles of their own. */
export const nodePolicies: Record<string, string> = {
  worker: 'arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy',
  pull: 'arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly',
}

export interface Addon {
  version: string
  /** Before nodes: a node is Ready only with these. After: pods that need a node to be healthy. */
  when: 'beforeNodes' | 'afterNodes'
  settings?: Record<string, unknown>
  identity?: { serviceAccount: string; policyArn: string }
}

/** Versions seen together on 1.35; `aws eks describe-addon-versions --kubernetes-version 1.35` lists newer ones. */
export const addons: Record<string, Addon> = {
  'vpc-cni': {
    version: 'v1.21.1-eksbuild.3',
    when: 'beforeNodes',
    settings: {
      enableNetworkPolicy: 'true',
      // Pods may talk until their policies are in place; `strict` would need policies for every system pod.
      env: { NETWORK_POLICY_ENFORCING_MODE: 'standard' },
    },
    identity: { serviceAccount: 'aws-node', policyArn: 'arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy' },
  },
  'kube-proxy': { version: 'v1.35.0-eksbuild.2', when: 'beforeNodes' },
  'eks-pod-identity-agent': { version: 'v1.3.10-eksbuild.3', when: 'beforeNodes' },
  coredns: { version: 'v1.13.2-eksbuild.1', when: 'afterNodes' },
  'aws-ebs-csi-driver': {
    version: 'v1.57.1-eksbuild.1',
    when: 'afterNodes',
    identity: {
      serviceAccount: 'ebs-csi-controller-sa',
      policyArn: 'arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy',
    },
  },
}

/** Volumes are made by the driver, so it carries the company’s tags to them. */
export function addonSettings(name: string, { tags }: Cluster): Addon['settings'] {
  const { settings } = addons[name] ?? {}
  return name === 'aws-ebs-csi-driver' && Object.keys(tags).length > 0
    ? { ...settings, controller: { extraVolumeTags: tags } }
    : settings
}

/** Settings of every system node; what Karpenter’s nodes have is in generators/render/cluster/node-pools.ts. */
export const nodeDisk = { deviceName: rootDevice, sizeGib: 50 }
