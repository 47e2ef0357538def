// The gateway's pods. Replicas belong to the autoscaler, so the Deployment names none.
import { createHash } from 'node:crypto'
import type { IDeployment } from 'kubernetes-models/apps/v1/Deployment'
import type { IIoK8sApiCoreV1Container } from 'kubernetes-models/v1/Container'
import type { IIoK8sApiCoreV1EnvVar } from 'kubernetes-models/v1/EnvVar'
import type { ClusterPlan } from '../../plan/cluster-plan.ts'
import type { Cluster } from '../../schema/cluster.ts'
import {
  gatewayShutdown,
  issuerAuthority,
  keepAliveSeconds,
  originSecretFolder,
  paths,
  ports,
  prometheusUrl,
  secrets,
  serviceAccounts,
} from '../../schema/contract.ts'
import { hasCloudFront, hasHttpApi } from '../../schema/edge-kinds.ts'
import { memoryShares, settingDefaults } from '../../schema/gateway-settings.ts'
import { kindOf } from '../../schema/oidc.ts'
import { parseMemory } from '../../schema/quantity.ts'
import { imageReference } from '../image-reference.ts'
import { containerSecurityContext, podSecurityContext } from '../security.ts'
import { gatewayLabels, gatewayMetadata, hasOperators } from './names.ts'

const field = (name: string, fieldPath: string): IIoK8sApiCoreV1EnvVar => ({
  name,
  valueFrom: { fieldRef: { fieldPath } },
})

/** Without audiences only tokens that name none are taken, as those of Cognito; whose they are, the tenants say. */
const trustedIssuer = ({ kind, audiences, issuer, jwksUri, scopes }: ClusterPlan['cluster']['oidc']) => ({
  audiences,
  issuer,
  jwksUri,
  scopes,
  scopeClaims: kindOf({ kind }).scopeClaims,
})

const authorityOf = ({ cluster }: ClusterPlan): string | undefined => cluster.oidc.private?.certificateAuthority

/** Node reads the certificates when it starts, so other ones are other pods. */
function authorityMark(plan: ClusterPlan): { annotations?: Record<string, string> } {
  const authority = authorityOf(plan)
  if (authority === undefined) return {}
  return {
    annotations: { [issuerAuthority.annotation]: createHash('sha256').update(authority).digest('hex').slice(0, 16) },
  }
}

/** Without CloudFront the network says what reaches the gateway; without the HTTP API nothing ends an answer after 30 s. */
const edgeSettings = (cluster: Cluster): Record<string, string> => ({
  ...(!hasCloudFront(cluster) && { ORIGIN_CHECK: 'false' }),
  ...(!hasHttpApi(cluster) && { API_LANE: 'false' }),
})

function environment(plan: ClusterPlan): IIoK8sApiCoreV1EnvVar[] {
  const { cluster, gateway } = plan
  const { oidc } = cluster
  const memory = parseMemory(gateway.settings.resources.memory) * 1024 ** 3
  const values: Record<string, string> = {
    ADMIN_PORT: String(ports.gatewayAdmin.number),
    ...edgeSettings(cluster),
    ANSWER_BUDGET: String(Math.floor(memory * memoryShares.answer)),
    BODY_BUDGET: String(Math.floor(memory * memoryShares.body)),
    ...(cluster.edge.corsOrigins.length > 0 && { CORS_ORIGINS: cluster.edge.corsOrigins.join(',') }),
    DISCOVERY: 'kubernetes',
    DOMAIN: cluster.domain,
    DRAIN_SECONDS: String(gatewayShutdown.drainSeconds),
    LOG_LEVEL: gateway.settings.logLevel,
    ...(authorityOf(plan) !== undefined && {
      NODE_EXTRA_CA_CERTS: `${issuerAuthority.folder}/${issuerAuthority.file}`,
    }),
    OIDC_ISSUERS: JSON.stringify([trustedIssuer(oidc)]),
    // Mounted, since an environment would keep the value with which the process began.
    ORIGIN_SECRET_FOLDER: originSecretFolder,
    ...(cluster.telemetry === undefined ? {} : { OTLP_ENDPOINT: cluster.telemetry.otlpEndpoint }),
    ...(hasOperators(plan) ? { PROMETHEUS_URL: prometheusUrl } : {}),
    PORT: String(ports.gateway.number),
    STREAM_LANE: String(cluster.edge.streamLane),
    TRACE_SAMPLE_RATIO: String(gateway.settings.traceSampleRatio),
    UPSTREAM_KEEP_ALIVE_SECONDS: String(keepAliveSeconds.gateway),
  }
  const own = Object.entries(gateway.settings.settings).filter(([name, value]) => value !== settingDefaults[name])
  const all = { ...Object.fromEntries(own), ...values }
  return [
    ...Object.entries(all).map(([name, value]) => ({ name, value: String(value) })),
    field('POD_NAME', 'metadata.name'),
    field('POD_NAMESPACE', 'metadata.namespace'),
  ].sort((a, b) => (a.name < b.name ? -1 : 1))
}

function container(plan: ClusterPlan): IIoK8sApiCoreV1Container {
  const { resources } = plan.gateway.settings
  return {
    name: 'gateway',
    image: imageReference(plan.images.images.gateway),
    env: environment(plan),
    ports: [ports.gateway, ports.gatewayAdmin].map(({ name, number }) => ({
      name,
      containerPort: number,
      protocol: 'TCP',
    })),
    resources: { requests: { cpu: resources.cpu, memory: resources.memory }, limits: { memory: resources.memory } },
    securityContext: containerSecurityContext(),
    volumeMounts: [
      { name: 'tmp', mountPath: '/tmp' },
      { name: secrets.originVerify.name, mountPath: originSecretFolder, readOnly: true },
      ...(authorityOf(plan) === undefined
        ? []
        : [{ name: issuerAuthority.name, mountPath: issuerAuthority.folder, readOnly: true }]),
    ],
    startupProbe: {
      httpGet: { path: paths.live, port: ports.gatewayAdmin.name },
      periodSeconds: 1,
      failureThreshold: 60,
    },
    readinessProbe: {
      httpGet: { path: paths.ready, port: ports.gatewayAdmin.name },
      periodSeconds: 5,
      timeoutSeconds: 2,
      failureThreshold: 2,
    },
    livenessProbe: {
      httpGet: { path: paths.live, port: ports.gatewayAdmin.name },
      periodSeconds: 10,
      timeoutSeconds: 5,
      failureThreshold: 3,
    },
    lifecycle: { preStop: { sleep: { seconds: gatewayShutdown.preStopSeconds } } },
  }
}

const spread = (topologyKey: string) => ({
  maxSkew: 1,
  topologyKey,
  whenUnsatisfiable: 'ScheduleAnyway' as const,
  labelSelector: { matchLabels: gatewayLabels },
})

export const gatewayDeployment = (plan: ClusterPlan): IDeployment => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: gatewayMetadata(),
  spec: {
    revisionHistoryLimit: 3,
    progressDeadlineSeconds: 600,
    selector: { matchLabels: gatewayLabels },
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    template: {
      metadata: { labels: gatewayLabels, ...authorityMark(plan) },
      spec: {
        serviceAccountName: serviceAccounts.gateway.name,
        // It watches Services and EndpointSlices.
        automountServiceAccountToken: true,
        enableServiceLinks: false,
        securityContext: podSecurityContext(),
        terminationGracePeriodSeconds: gatewayShutdown.graceSeconds,
        topologySpreadConstraints: [spread('topology.kubernetes.io/zone'), spread('kubernetes.io/hostname')],
        containers: [container(plan)],
        volumes: [
          { name: 'tmp', emptyDir: { sizeLimit: '64Mi' } },
          { name: secrets.originVerify.name, secret: { secretName: secrets.originVerify.name } },
          ...(authorityOf(plan) === undefined
            ? []
            : [{ name: issuerAuthority.name, configMap: { name: issuerAuthority.name } }]),
        ],
      },
    },
  },
})
