// The HTTP API: lane of everything that fits in 30 s and 10 MB. CloudFront is before it, or clients themselves; the internal ALB is behind.
import * as apigateway from '@pulumi/aws/apigatewayv2/index.js'
import * as pulumi from '@pulumi/pulumi'
import type { Cluster } from '../../generators/schema/cluster.ts'
import { apiHost } from '../../generators/schema/edge-kinds.ts'
import type { Tenant } from '../../generators/schema/tenant.ts'
import type { LoadBalancerOutputs } from '../load-balancer/load-balancer.ts'
import type { NetworkOutputs } from '../network/network.ts'
import type { CertificateOutputs } from '../security/certificate.ts'
import type { EncryptionOutputs } from '../security/encryption.ts'
import { ApiDomain, type ApiDomainOutputs } from './api-domain.ts'
import { ApiRoutes } from './api-routes.ts'
import { ApiStage, type ApiStageOutputs } from './api-stage.ts'
import { corsConfiguration } from './plan-api.ts'
import { VpcLink, type VpcLinkOutputs } from './vpc-link.ts'

export interface HttpApiOutputs extends ApiDomainOutputs, ApiStageOutputs, VpcLinkOutputs {
  /** With the stage’s name the dimensions of its metrics. */
  apiId: pulumi.Output<string>
}

export interface HttpApiArgs {
  cluster: Cluster
  tenants: readonly Tenant[]
  encryption: EncryptionOutputs
  /** Of the API’s domain, in the cluster’s region. */
  certificate: CertificateOutputs
  zoneId: pulumi.Output<string> | undefined
  network: NetworkOutputs
  loadBalancer: LoadBalancerOutputs
}

export class HttpApi extends pulumi.ComponentResource {
  readonly outputs: HttpApiOutputs

  constructor(name: string, args: HttpApiArgs, options: pulumi.ComponentResourceOptions) {
    super('slipway:platform:HttpApi', name, {}, options)
    const { cluster, tenants, encryption, certificate, zoneId, network, loadBalancer } = args
    const parent = { parent: this }
    const api = new apigateway.Api(
      `${name}-api`,
      {
        name: cluster.name,
        protocolType: 'HTTP',
        description: `Slipway ${cluster.name}: to the gateway in at most 30 s`,
        disableExecuteApiEndpoint: true,
        corsConfiguration: corsConfiguration(cluster),
      },
      { ...parent, protect: true },
    )
    const apiId = api.id
    const link = new VpcLink(`${name}-vpc`, { network, loadBalancer }, parent).outputs
    const routes = new ApiRoutes(
      `${name}-routes`,
      { cluster, tenants, apiId, vpcLinkId: link.vpcLinkId, listenerArn: loadBalancer.listenerArn },
      parent,
    )
    // Published with its routes, not before them.
    const stage = new ApiStage(
      `${name}-published`,
      { cluster, encryption, apiId },
      {
        ...parent,
        protect: true,
        dependsOn: [routes],
      },
    ).outputs
    const domain = new ApiDomain(
      `${name}-domain`,
      {
        domain: apiHost(cluster),
        certificate,
        zoneId,
        apiId,
        stageName: stage.stageName,
        mutualTls: cluster.edge.mutualTls,
      },
      { ...parent, protect: true },
    ).outputs
    this.outputs = { apiId, ...link, ...stage, ...domain }
    this.registerOutputs(this.outputs)
  }
}
