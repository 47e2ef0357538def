// Rights on CloudFront, web ACLs, HTTP API, certificates and records.
import type { Right } from './right.ts'

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
    actions: [
      'cloudfront:Create*',
      'cloudfront:Delete*',
      'cloudfront:TagResource',
      'cloudfront:Untag*',
      'cloudfront:Update*',
    ],
    on: [
      'arn:aws:cloudfront::{account}:cache-policy/*',
      'arn:aws:cloudfront::{account}:distribution/*',
      'arn:aws:cloudfront::{account}:response-headers-policy/*',
      'arn:aws:cloudfront::{account}:vpcorigin/*',
    ],
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
    actions: ['apigateway:DELETE', 'apigateway:PATCH', 'apigateway:POST', 'apigateway:PUT', 'apigateway:TagResource'],
    on: [
      'arn:aws:apigateway:{region}::/apis*',
      'arn:aws:apigateway:{region}::/domainnames*',
      'arn:aws:apigateway:{region}::/vpclinks*',
      'arn:aws:apigateway:{region}::/tags/*',
    ],
  },
  {
    types: ['acm/certificate', 'acm/certificateValidation'],
    actions: [
      'acm:AddTagsToCertificate',
      'acm:DeleteCertificate',
      'acm:RemoveTagsFromCertificate',
      'acm:RequestCertificate',
    ],
    on: ['arn:aws:acm:*:{account}:certificate/*'],
  },
  {
    types: ['route53/record'],
    actions: ['route53:ChangeResourceRecordSets'],
    on: ['arn:aws:route53:::hostedzone/*'],
  },
]
