// Rights on CloudFront, web ACLs, HTTP API, certificates and records.
import type { Right } from './right.ts'

const onlyCloudFront = ['cloudfront'] as const

export const edgeRights: readonly Right[] = [
  {
    types: ['wafv2/webAcl', 'wafv2/webAclLoggingConfiguration'],
    actions: [
      'wafv2:CreateWebACL',
      'wafv2:DeleteWebACL',
      'wafv2:UpdateWebACL',
      'wafv2:AssociateWebACL',
      'wafv2:*LoggingConfiguration',
      'wafv2:TagResource',
      'wafv2:UntagResource',
    ],
    on: [
      'arn:aws:wafv2:*:{account}:regional/webacl/{cluster}-*',
      'arn:aws:wafv2:us-east-1:{account}:global/webacl/{cluster}-*',
      'arn:aws:wafv2:*:{account}:*/managedruleset/*',
    ],
  },
  {
    types: [
      'cloudfront/cachePolicy',
      'cloudfront/distribution',
      'cloudfront/monitoringSubscription',
      'cloudfront/responseHeadersPolicy',
      'cloudfront/vpcOrigin',
    ],
    edges: onlyCloudFront,
    actions: [
      'cloudfront:DeleteCachePolicy',
      'cloudfront:DeleteDistribution',
      'cloudfront:DeleteResponseHeadersPolicy',
      'cloudfront:DeleteVpcOrigin',
      'cloudfront:TagResource',
      'cloudfront:UntagResource',
      'cloudfront:UpdateCachePolicy',
      'cloudfront:UpdateDistribution',
      'cloudfront:UpdateResponseHeadersPolicy',
      'cloudfront:UpdateVpcOrigin',
    ],
    on: [
      'arn:aws:cloudfront::{account}:cache-policy/*',
      'arn:aws:cloudfront::{account}:distribution/*',
      'arn:aws:cloudfront::{account}:response-headers-policy/*',
      'arn:aws:cloudfront::{account}:vpcorigin/*',
    ],
  },
  {
    types: [],
    edges: onlyCloudFront,
    actions: [
      'cloudfront:CreateCachePolicy',
      'cloudfront:CreateDistribution',
      'cloudfront:CreateMonitoringSubscription',
      'cloudfront:CreateResponseHeadersPolicy',
      'cloudfront:CreateVpcOrigin',
      'cloudfront:DeleteMonitoringSubscription',
    ],
    on: ['*'],
    because: 'Calls that make something there, and those about its metrics, take no resource.',
  },
  {
    types: [
      'apigatewayv2/api',
      'apigatewayv2/apiMapping',
      'apigatewayv2/authorizer',
      'apigatewayv2/domainName',
      'apigatewayv2/integration',
      'apigatewayv2/route',
      'apigatewayv2/stage',
      'apigatewayv2/vpcLink',
    ],
    edges: ['cloudfront', 'api'],
    actions: [
      // Domains have a certificate, and to give or take it is a right beside the call (Service Authorization Reference).
      'apigateway:AddCertificateToDomain',
      'apigateway:DELETE',
      'apigateway:PATCH',
      'apigateway:POST',
      'apigateway:PUT',
      'apigateway:RemoveCertificateFromDomain',
    ],
    on: [
      'arn:aws:apigateway:{region}::/apis*',
      'arn:aws:apigateway:{region}::/domainnames*',
      'arn:aws:apigateway:{region}::/vpclinks*',
      'arn:aws:apigateway:{region}::/tags/*',
    ],
  },
  {
    types: [],
    edges: onlyCloudFront,
    // API Gateway reads the truststore of edge.mutualTls as the caller.
    actions: ['s3:GetObject', 's3:GetObjectVersion'],
    on: ['arn:aws:s3:::{cluster}-*/*'],
  },
  {
    types: ['acm/certificate', 'acm/certificateValidation'],
    actions: ['acm:AddTagsToCertificate', 'acm:DeleteCertificate', 'acm:RemoveTagsFromCertificate'],
    on: ['arn:aws:acm:*:{account}:certificate/*'],
  },
  {
    types: [],
    actions: ['acm:RequestCertificate'],
    on: ['*'],
    because: 'The call takes no resource; the tag of the cluster must be on what it asks for.',
    condition: { StringEquals: { 'aws:RequestTag/cluster': '{cluster}' } },
  },
  {
    types: [],
    // Comes along with an interface endpoint that has private DNS (Service Authorization Reference, ec2:CreateVpcEndpoint).
    actions: ['route53:AssociateVPCWithHostedZone'],
    on: ['arn:aws:route53:::hostedzone/*', 'arn:aws:ec2:{region}:{account}:vpc/*'],
  },
  {
    types: ['route53/record'],
    actions: ['route53:ChangeResourceRecordSets'],
    on: ['arn:aws:route53:::hostedzone/*'],
    // The zone’s id is not known here; the names are, and nothing beside them can be changed (Route 53 Developer Guide, conditions).
    condition: {
      'ForAllValues:StringLike': {
        'route53:ChangeResourceRecordSetsNormalizedRecordNames': ['{domain}', '*.{domain}'],
      },
    },
  },
]
