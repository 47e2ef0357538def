"""What moto keeps but does not give back, gives back wrongly, or allows where AWS refuses."""

import json
import re

from additions import Refused, account, answers, corrects, guards
from moto.ec2.models.security_groups import SecurityGroupRule
from moto.elbv2.models import elbv2_backends
from moto.logs.models import DeliverySource, logs_backends

SENT_BACK = ("Rules", "DataProtectionConfig", "AssociationConfig", "CustomResponseBodies", "VisibilityConfig")
# A launch template's own tags, which moto shows among those that it gives to instances.
OWN_TAGS = re.compile(
    r"<item>\s*<resourceType>launch-template</resourceType>.*?</tagSet>\s*</item>"
    r"|<item>\s*<tagSet>(?:(?!</tagSet>).)*</tagSet>\s*<resourceType>launch-template</resourceType>\s*</item>",
    re.DOTALL,
)

# CloudWatch Logs API, PutDeliverySource: moto knows the first alone.
DELIVERED = {
    "cloudfront": {"ACCESS_LOGS", "CONNECTION_LOGS"},
    "elasticloadbalancing": {"ALB_ACCESS_LOGS", "ALB_CONNECTION_LOGS", "ALB_HEALTH_CHECK_LOGS"},
}

_algorithms = {}
_web_acls = {}

SecurityGroupRule.description = property(
    lambda rule: rule.ip_range.get("Description") or (rule.source_group or {}).get("Description")
)


@corrects("acm", "RequestCertificate")
def keep_algorithm(params, text):
    _algorithms[json.loads(text)["CertificateArn"]] = params.get("KeyAlgorithm", "RSA_2048")
    return text


@corrects("acm", "DescribeCertificate")
def give_algorithm(params, text):
    answer = json.loads(text)
    answer["Certificate"]["KeyAlgorithm"] = _algorithms.get(params["CertificateArn"], "RSA_2048")
    return json.dumps(answer)


@corrects("wafv2", "CreateWebACL", "UpdateWebACL")
def keep_web_acl(params, text):
    _web_acls[params["Name"]] = params
    return text


@corrects("wafv2", "GetWebACL")
def give_web_acl(params, text):
    answer = json.loads(text)
    sent = _web_acls[params["Name"]]
    answer["WebACL"].update({key: sent[key] for key in SENT_BACK if key in sent})
    return json.dumps(answer)


@corrects("ec2", "DescribeLaunchTemplateVersions")
def without_own_tags(params, text):
    return OWN_TAGS.sub("", text)


@guards("elbv2", "DeleteLoadBalancer")
def refuse_protected(params, call):
    balancer = elbv2_backends[account][call["region"]].load_balancers.get(params["LoadBalancerArn"])
    if balancer is not None and balancer.attrs.get("deletion_protection.enabled") == "true":
        raise Refused("OperationNotPermitted", f"{balancer.arn} cannot be deleted because deletion protection is enabled")


@answers("logs", "PutDeliverySource")
def put_delivery_source(params, call):
    name, arn, kind = params["name"], params["resourceArn"], params["logType"]
    if kind not in DELIVERED.get(arn.split(":")[2], ()):
        raise Refused("ValidationException", f"{arn} delivers no {kind}")
    backend = logs_backends[account][call["region"]]
    known = backend.delivery_sources.get(name)
    if known is not None and known.resource_arns != [arn]:
        raise Refused("ConflictException", f"{name} delivers logs of another resource")
    tags = params.get("tags")
    source = DeliverySource(account, call["region"], name, arn, kind, tags)
    backend.delivery_sources[name] = source
    if tags:
        backend.tag_resource(source.arn, tags)
    return {"deliverySource": source.to_dict()}
