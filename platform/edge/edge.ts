// The public side: one CloudFront distribution over both lanes, with its web ACL, cache, headers, logs and name. Shield
// Standard is on by itself for every distribution: it absorbs floods on layers 3 and 4; floods of requests meet the web ACL.

import * as cloudfront from '@pulumi/aws/cloudfront/index.js'
import * as pulumi from '@pulumi/pulumi'
import { originHeader } from '../../gateway/security-headers.ts'
import type { Cluster } from '../../generators/schema/cluster.ts'
import type { CertificateOutputs } from '../security/certificate.ts'
import type { EncryptionOutputs } from '../security/encryption.ts'
import { type OriginSecret, sentValue } from '../security/origin-secret-value.ts'
import { EdgeLogs } from './edge-logs.ts'
import { EdgeRecords } from './edge-records.ts'
import {
  apiOriginConfig,
  geoRestriction,
  modelListCache,
  originIds,
  planBehaviors,
  responseHeaders,
  streamOriginTimeouts,
} from './plan-edge.ts'
import type { StreamOriginOutputs } from './stream-origin.ts'
import type { WebAclOutputs } from './web-acl.ts'

export interface EdgeOutputs {
  /** Dimension of its metrics. */
  distributionId: pulumi.Output<string>
  /** ….cloudfront.net: what records of a domain that is not in Route 53 point at. */
  domainName: pulumi.Output<string>
}

export interface EdgeArgs {
  cluster: Cluster
  /** Key of us-east-1. */
  encryption: EncryptionOutputs
  certificate: CertificateOutputs
  webAcl: WebAclOutputs
  /** Custom domain of the HTTP API in the cluster’s region. */
  apiDomain: pulumi.Input<string>
  /** undefined: the cluster offers no streaming lane. */
  stream: StreamOriginOutputs | undefined
  originSecret: OriginSecret
  zoneId: pulumi.Output<string> | undefined
}

/** Both lanes prove with the same header that a request came through here. */
function origins({ cluster, apiDomain, stream, originSecret }: EdgeArgs) {
  const customHeaders = [{ name: originHeader, value: sentValue(originSecret) }]
  // Two tries of 5 s instead of three of 10 s: a client that waits for an answer has 60 s.
  const connection = { connectionAttempts: 2, connectionTimeout: 5, customHeaders }
  const api = {
    ...connection,
    originId: originIds.api,
    domainName: apiDomain,
    customOriginConfig: apiOriginConfig(cluster),
  }
  if (stream === undefined) return [api]
  const vpcOriginConfig = { vpcOriginId: stream.vpcOriginId, ...streamOriginTimeouts }
  return [api, { ...connection, originId: originIds.stream, domainName: stream.domainName, vpcOriginConfig }]
}

export class Edge extends pulumi.ComponentResource {
  readonly outputs: EdgeOutputs

  constructor(name: string, args: EdgeArgs, options: pulumi.ComponentResourceOptions) {
    super('slipway:platform:Edge', name, {}, options)
    const { cluster, encryption, certificate, webAcl, zoneId } = args
    const parent = { parent: this }
    const modelList = new cloudfront.CachePolicy(
      `${name}-model-list`,
      { name: `${name}-model-list`, ...modelListCache },
      { ...parent, protect: true },
    )
    const headers = new cloudfront.ResponseHeadersPolicy(
      `${name}-headers`,
      { name: `${name}-headers`, ...responseHeaders },
      { ...parent, protect: true },
    )
    const distribution = new cloudfront.Distribution(
      `${name}-distribution`,
      {
        comment: `Slipway ${cluster.name}`,
        enabled: true,
        aliases: [cluster.domain],
        httpVersion: 'http2and3',
        isIpv6Enabled: true,
        webAclId: webAcl.arn,
        // The origin secret is in it, and the state is read by more people than may know it.
        origins: pulumi.secret(origins(args)),
        ...planBehaviors(cluster, { modelList: modelList.id, responseHeaders: headers.id }),
        restrictions: { geoRestriction: geoRestriction(cluster) },
        viewerCertificate: {
          acmCertificateArn: certificate.arn,
          minimumProtocolVersion: 'TLSv1.2_2021',
          sslSupportMethod: 'sni-only',
        },
      },
      { ...parent, protect: true },
    )
    new cloudfront.MonitoringSubscription(
      `${name}-metrics`,
      {
        distributionId: distribution.id,
        monitoringSubscription: { realtimeMetricsSubscriptionConfig: { realtimeMetricsSubscriptionStatus: 'Enabled' } },
      },
      parent,
    )
    new EdgeLogs(`${name}-logs`, { cluster, encryption, distributionArn: distribution.arn }, parent)
    if (zoneId !== undefined) {
      const target = { name: distribution.domainName, zoneId: distribution.hostedZoneId }
      new EdgeRecords(`${name}-records`, { domain: cluster.domain, zoneId, target }, { ...parent, protect: true })
    }
    this.outputs = { distributionId: distribution.id, domainName: distribution.domainName }
    this.registerOutputs(this.outputs)
  }
}
