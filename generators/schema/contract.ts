// Names, ports and labels that platform, generators, gateway and tests must agree on. One place, so that they cannot drift.
import { components, gitWatchName, modelsNamespace, portName } from '../../gateway/discovery/contract.ts'

export {
  descriptionAnnotation,
  labels,
  modelAnnotations,
  modelSelector as discoverySelector,
  partOf,
  smokeTenantName as smokeTenant,
  tenantKey,
} from '../../gateway/discovery/contract.ts'

/** Namespaces that Slipway owns. kube-system is never rendered; `argocd` is made by the platform program. */
export const namespaces = {
  gateway: 'gateway',
  models: modelsNamespace,
  edge: 'edge',
  argocd: 'argocd',
  monitoring: 'monitoring',
  telemetry: 'telemetry',
} as const

/** Namespaces whose add-ons need host access (node exporters, device plugin, log shipper): Pod Security `privileged`. */
export const privilegedNamespaces: readonly string[] = ['monitoring', 'nvidia-device-plugin', 'logging']

/** VPC CNI enforces network policies on the container port, so Service port and container port are equal. */
export const ports = {
  gateway: { name: 'http', number: 8080 },
  gatewayAdmin: { name: 'admin', number: 9090 },
  model: { name: portName, number: 8000 },
} as const

/** Seconds that an idle connection is kept: by its engine for longer than by the gateway, or a request meets a closing socket. */
export const keepAliveSeconds = { gateway: 60, engine: 75 } as const

/**
 * Longest wait for a sleeping model: of any request, and of a stream that asks for it with X-Scale-Up-Timeout. The wait is part of the
 * 1800 s that a stream may last.
 */
export const holdSeconds = { request: 55, stream: 1500 } as const

/** Longest stream, its wait included: the gateway’s own limit. */
export const streamSeconds = 1800

/**
 * A gateway pod that goes: the ALB deregisters it for 30 s, so it serves 35 s more (the API server calls no shell for
 * `sleep`), then waits up to 300 s for open streams. deregistration < preStop + drain < grace, or requests are lost.
 */
export const gatewayShutdown = {
  deregistrationSeconds: 30,
  preStopSeconds: 35,
  drainSeconds: 300,
  graceSeconds: 350,
} as const

/** Where the canary asks, with or without a token. */
export const canaryPath = '/canary'

export const paths = { ready: '/readyz', live: '/livez', metrics: '/metrics' } as const

/** Weights in a model pod: filled by the init container, read by the engine. */
export const modelsPath = '/models'

export const modelDirectory = (name: string): string => `${modelsPath}/${name}`

export const serviceAccounts = {
  gateway: { namespace: 'gateway', name: 'gateway' },
  model: { namespace: 'models', name: 'model' },
  weightsCopy: { namespace: 'models', name: 'weights-copy' },
  weightsSweep: { namespace: 'models', name: 'weights-sweep' },
  loadBalancerController: { namespace: 'kube-system', name: 'aws-load-balancer-controller' },
  karpenter: { namespace: 'kube-system', name: 'karpenter' },
  externalSecrets: { namespace: 'external-secrets', name: 'external-secrets' },
  logShipper: { namespace: 'logging', name: 'aws-for-fluent-bit' },
  alertmanager: { namespace: 'monitoring', name: 'alertmanager' },
  collector: { namespace: 'telemetry', name: 'opentelemetry-collector' },
  smoke: { namespace: 'models', name: 'smoke' },
  gitWatch: { namespace: 'argocd', name: gitWatchName },
} as const

export const modelComponent = components.model
export const gatewayComponent = components.gateway
/** Of the ConfigMaps that hold one tenant each, under `tenantKey`. */
export const tenantComponent = components.tenant
export const gitWatchComponent = gitWatchName
export const smokeComponent = 'smoke'

export const weightsCopyComponent = 'weights-copy'
export const weightsSweepComponent = 'weights-sweep'

/** Names of buckets are unique in the world. */
export const weightsBucketName = (cluster: string, account: string): string => `${cluster}-weights-${account}`

/** Folders of the weights bucket: what rights and rules of it name. The model server knows them too. */
export const weightFolders = { models: 'models', manifests: 'manifests', unused: 'unused' } as const

/** Annotation of a model’s Deployment: the address of its weights, by which the sweep keeps them. */
export const weightsAnnotation = 'slipway.dev/weights'

/** Fields of a request body that a tenant may send only with permission; the gateway refuses them otherwise. */
export const privilegedBodyFields = [
  'priority',
  'kv_transfer_params',
  'ec_transfer_params',
  'chat_template',
  'chat_template_kwargs',
  'vllm_xargs',
  'cache_salt',
  'best_of',
  'prompt_logprobs',
  'logprob_token_ids',
] as const

export const gpu = {
  resource: 'nvidia.com/gpu',
  taint: { key: 'nvidia.com/gpu', value: 'true', effect: 'NoSchedule' },
  /** The device plugin's affinity selects nodes by this label. */
  presentLabel: 'nvidia.com/gpu.present',
} as const

/** NodePool label that a model's node selector names: `slipway.dev/node-pool: l4` or `cpu`. */
export const nodePoolLabel = 'slipway.dev/node-pool'
export const cpuNodePool = 'cpu'
/** Nodes of the managed group, which are there before Karpenter. */
export const systemNodePool = 'system'
/** Disk from which a node starts, in images of Amazon Linux. */
export const rootDevice = '/dev/xvda'
export const karpenterDiscoveryTag = 'karpenter.sh/discovery'

export const loadBalancer = {
  ingressGroup: 'slipway',
  anchorOrder: '1000',
  gatewayOrder: '10',
  /** Name tag of the security group that the platform program makes. */
  securityGroupName: (cluster: string) => `${cluster}-alb`,
  /** Name of the REGIONAL web ACL that the anchor Ingress attaches. */
  webAclName: (cluster: string) => `${cluster}-regional`,
  idleTimeoutSeconds: 115,
  /** Of a listener that clients reach themselves: TLS 1.2 with forward secrecy, and 1.3. */
  tlsPolicy: 'ELBSecurityPolicy-TLS13-1-2-Res-2021-06',
} as const

/** Pod Identity agent on every node. */
export const podIdentityCidr = '169.254.170.23/32'

/** Host name of the HTTP API behind CloudFront; the public name is CloudFront’s then. */
export const apiDomain = (domain: string): string => `api.${domain}`

/** Where the gateway finds the accepted values, one in each file. */
export const originSecretFolder = '/var/run/slipway/origin-secret'

/** Certificates of the authority that a private issuer has: a ConfigMap, mounted, which Node reads once. */
export const issuerAuthority = {
  name: 'issuer-authority',
  folder: '/var/run/slipway/issuer-authority',
  file: 'ca.pem',
  annotation: 'slipway.dev/issuer-authority',
} as const

export const secrets = {
  originVerify: { name: 'origin-verify', remote: (cluster: string) => `slipway/${cluster}/origin-verify` },
  /** The same value for the smoke tests, which ask the gateway from inside. */
  smokeOrigin: { name: 'smoke-origin', remote: (cluster: string) => `slipway/${cluster}/origin-verify` },
  hubToken: { name: 'hf-token', remote: (cluster: string) => `slipway/${cluster}/hf-token` },
  /** Login to a registry of images: mirrors.pullSecret. */
  registry: { name: 'registry', remote: (cluster: string) => `slipway/${cluster}/registry` },
  store: 'aws-secrets-manager',
} as const

export const argo = {
  namespace: 'argocd',
  server: 'https://kubernetes.default.svc',
  projects: { bootstrap: 'bootstrap', platform: 'platform', models: 'models' },
  root: 'root',
} as const

/** Begins the hash of a folder's content in the Application that reads it (generators/render/argocd/content-mark.ts). */
export const contentPrefix = 'content-'

/** Annotation of a Deployment whose replicas an autoscaler sets, and its value. */
export const replicasAnnotation = { name: 'slipway.dev/replicas', autoscaled: 'autoscaled' } as const

/**
 * Retries of a failed sync, for every Application: seconds for what comes soon (a namespace, a definition, an object that another
 * Application gives up), then every two minutes for a day. Not without end: what is retried is what differed when the sync
 * began, and until it ends nothing else of the Application is healed. `refresh` takes the newest commit at each retry.
 */
export const syncRetry = {
  limit: 720,
  refresh: true,
  backoff: { duration: '5s', factor: 2, maxDuration: '2m' },
} as const

/** SNS topic in the cluster’s region: alarms of CloudWatch and alerts of Alertmanager. */
export const alarmTopic = (cluster: string): string => `${cluster}-alarms`

/** Volumes of add-ons: encrypted, and larger when asked for. */
export const storageClass = 'slipway-gp3'

/** CloudWatch log group of what pods print; made by the platform program, named in the log shipper’s values. */
export const podLogGroup = (cluster: string): string => `/slipway/${cluster}/pods`

export const prometheusUrl = 'http://prometheus-operated.monitoring.svc:9090'

/** Series of the gateway, each with the label `model`, by which a model sleeps and wakes; a test compares them with its own names. */
export const gatewayMetrics = {
  inflight: 'slipway_gateway_inflight_requests',
  lastUse: 'slipway_gateway_last_use_timestamp_seconds',
  requests: 'slipway_gateway_requests_total',
  waiting: 'slipway_gateway_waiting_requests',
} as const

/** Prometheus reads the gateway and the engines so often, and KEDA asks Prometheus so often. */
export const scrapeSeconds = 15
export const pollSeconds = 15

/** Model pods run as this user: not root, and no user of any image. */
export const podUserId = 10001
