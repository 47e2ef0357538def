// Which requests the HTTP API takes, who may send them, and how they go to the ALB.
import * as apigateway from '@pulumi/aws/apigatewayv2/index.js'
import * as pulumi from '@pulumi/pulumi'
import type { Cluster } from '../../generators/schema/cluster.ts'
import { acceptedAudiences } from '../../generators/schema/oidc.ts'
import type { Tenant } from '../../generators/schema/tenant.ts'
import { type Access, integrationTimeoutMs, isAsked, neededScopes, planRoutes, requestParameters } from './plan-api.ts'

export interface ApiRoutesArgs {
  cluster: Cluster
  tenants: readonly Tenant[]
  apiId: pulumi.Output<string>
  vpcLinkId: pulumi.Output<string>
  listenerArn: pulumi.Output<string>
}

export class ApiRoutes extends pulumi.ComponentResource {
  constructor(name: string, args: ApiRoutesArgs, options: pulumi.ComponentResourceOptions) {
    super('slipway:platform:ApiRoutes', name, {}, options)
    const { cluster, apiId } = args
    const open = { authorizationType: 'NONE', target: this.#target(name, 'open', args) }
    const means = { token: isAsked(cluster) ? this.#withToken(name, args) : open, open }
    for (const { name: part, key, access } of planRoutes(cluster)) {
      const route = { apiId, routeKey: key, ...means[access] }
      // Open routes come and go with what is asked for without a token.
      new apigateway.Route(`${name}-${part}`, route, { parent: this, protect: access === 'token' })
    }
    this.registerOutputs({})
  }

  #withToken(name: string, args: ApiRoutesArgs) {
    const { cluster, tenants, apiId } = args
    const { issuer } = cluster.oidc
    const authorizer = new apigateway.Authorizer(
      `${name}-authorizer`,
      {
        apiId,
        name: 'oidc',
        authorizerType: 'JWT',
        identitySources: ['$request.header.Authorization'],
        jwtConfiguration: { issuer, audiences: acceptedAudiences(cluster.oidc, tenants) },
      },
      { parent: this, protect: true },
    )
    const needs = { authorizationType: 'JWT', authorizerId: authorizer.id, ...neededScopes(cluster) }
    return { ...needs, target: this.#target(name, 'token', args) }
  }

  /** The same place for both; what differs is who the request says it comes from. */
  #target(name: string, access: Access, { apiId, vpcLinkId, listenerArn }: ApiRoutesArgs): pulumi.Output<string> {
    const integration = new apigateway.Integration(
      `${name}-with-${access}`,
      {
        apiId,
        integrationType: 'HTTP_PROXY',
        integrationMethod: 'ANY',
        integrationUri: listenerArn,
        connectionType: 'VPC_LINK',
        connectionId: vpcLinkId,
        payloadFormatVersion: '1.0',
        timeoutMilliseconds: integrationTimeoutMs,
        requestParameters: requestParameters[access],
      },
      { parent: this, protect: true },
    )
    return pulumi.interpolate`integrations/${integration.id}`
  }
}
