// Makes a fresh cluster (kind) into one that the cluster suite can use: Argo CD, simulated nodes, and the definitions of controllers
// that are not started there. Every manifest is of a release, by its tag.
import { spawnSync } from 'node:child_process'
import { readArguments } from '../../generators/command-line/arguments.ts'
import type { Command, ExitCode, Output } from '../../generators/command-line/command.ts'
import { Failure } from '../../generators/diagnostics/failure.ts'

export const prepareCluster: Command = {
  name: 'prepare-cluster',
  summary: 'install Argo CD, kwok and definitions into the cluster of KUBECONFIG',
  usage: 'npm run workflow -- prepare-cluster',
  run,
}

const github = 'https://github.com'
const raw = 'https://raw.githubusercontent.com'

/** What is installed, in this order; `namespace` where the manifest names none. */
const manifests: readonly { url: string; namespace?: string }[] = [
  { url: `${raw}/argoproj/argo-cd/v3.5.3/manifests/install.yaml`, namespace: 'argocd' },
  { url: `${github}/kubernetes-sigs/kwok/releases/download/v0.8.0/kwok.yaml` },
  { url: `${github}/kubernetes-sigs/kwok/releases/download/v0.8.0/stage-fast.yaml` },
  { url: `${github}/kedacore/keda/releases/download/v2.20.2/keda-2.20.2-crds.yaml` },
  { url: `${raw}/aws/karpenter-provider-aws/v1.15.1/pkg/apis/crds/karpenter.sh_nodepools.yaml` },
  { url: `${raw}/aws/karpenter-provider-aws/v1.15.1/pkg/apis/crds/karpenter.sh_nodeclaims.yaml` },
  { url: `${raw}/aws/karpenter-provider-aws/v1.15.1/pkg/apis/crds/karpenter.k8s.aws_ec2nodeclasses.yaml` },
  {
    url: `${raw}/kubernetes-sigs/aws-load-balancer-controller/v3.5.0/helm/aws-load-balancer-controller/crds/crds.yaml`,
  },
  { url: `${raw}/external-secrets/external-secrets/v1.3.2/deploy/crds/bundle.yaml` },
  { url: `${github}/prometheus-operator/prometheus-operator/releases/download/v0.85.0/stripped-down-crds.yaml` },
]

function run(args: readonly string[], output: Output): ExitCode {
  readArguments(args, {})
  kubectl(['create', 'namespace', 'argocd'])
  for (const { url, namespace } of manifests) {
    kubectl(['apply', '--server-side', ...(namespace === undefined ? [] : ['--namespace', namespace]), '-f', url])
    output.out(`applied: ${url}\n`)
  }
  kubectl(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=120s'])
  for (const namespace of ['argocd', 'kube-system'])
    kubectl(['--namespace', namespace, 'rollout', 'status', 'deployment', '--timeout=300s'])
  // What is rendered belongs on simulated nodes alone: a real kubelet would look for images that no registry has.
  kubectl(['cordon', '--selector', 'kubernetes.io/os=linux'])
  return 0
}

function kubectl(args: readonly string[]): void {
  const { status, error } = spawnSync('kubectl', args, { stdio: 'inherit' })
  if (error !== undefined) throw new Failure('kubectl cannot be started', { cause: error })
  if (status !== 0) throw new Failure(`kubectl ${args[0]} ended with ${status}`)
}
