// Name of the login that pods of ours pull images with; undefined: the registry asks for none.
import type { ClusterPlan } from '../plan/cluster-plan.ts'
import { secrets } from '../schema/contract.ts'

export const pullSecretOf = ({ cluster }: Pick<ClusterPlan, 'cluster'>): string | undefined =>
  cluster.mirrors.pullSecret === true ? secrets.registry.name : undefined
