// Versions and sizes of the Kubernetes cluster. Data; every pinned version stands here once.

/** Standard support until 2027-03-27; Karpenter 1.9 or newer (github.com/aws/karpenter-provider-aws, compatibility). */
export const kubernetesVersion = '1.35'

/** All of them: an incident is understood from the control plane’s logs or not at all. */
export const controlPlaneLogs = ['api', 'audit', 'authenticator', 'controllerManager', 'scheduler']

export const clusterAdminPolicy = 'arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy'
