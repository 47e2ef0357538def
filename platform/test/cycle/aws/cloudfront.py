"""CloudFront: policies, VPC origins, distributions. moto has only a part of a distribution."""

import json

from additions import Refused, account, answers, digits, found, kept, now
from moto.ec2.models import ec2_backends
from moto.elbv2.models import elbv2_backends

# The managed cache policy CachingDisabled.
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ORIGINS_GROUP = "CloudFront-VPCOrigins-Service-SG"


def refuse_in_use(code, identifier):
    used = [one["Id"] for one in kept("Distribution").values() if identifier in json.dumps(one, default=str)]
    if used:
        raise Refused(code, f"used by {used}", 409)


def policy(noun):
    """Something that is a config with an id and an ETag."""
    config, missing = f"{noun}Config", f"NoSuch{noun}"

    @answers("cloudfront", f"Create{noun}")
    def create(params, call):
        if any(one[config]["Name"] == params[config]["Name"] for one in kept(noun).values()):
            raise Refused(f"{noun}AlreadyExists", "the name is taken", 409)
        item = {"Id": digits(), "LastModifiedTime": now(), config: params[config]}
        kept(noun)[item["Id"]] = item
        return {noun: item, "ETag": "E1"}

    @answers("cloudfront", f"Get{noun}")
    def get(params, call):
        return {noun: found(noun, params["Id"], missing), "ETag": "E1"}

    @answers("cloudfront", f"Update{noun}")
    def update(params, call):
        item = found(noun, params["Id"], missing)
        item[config] = params[config]
        return {noun: item, "ETag": "E1"}

    @answers("cloudfront", f"Delete{noun}")
    def delete(params, call):
        found(noun, params["Id"], missing)
        refuse_in_use(f"{noun}InUse", params["Id"])
        del kept(noun)[params["Id"]]
        return {}


policy("CachePolicy")
policy("ResponseHeadersPolicy")


@answers("cloudfront", "CreateVpcOrigin")
def create_vpc_origin(params, call):
    config = params["VpcOriginEndpointConfig"]
    region = config["Arn"].split(":")[3]
    balancer = elbv2_backends[account][region].load_balancers.get(config["Arn"])
    if balancer is None:
        raise Refused("EntityNotFound", f"no load balancer {config['Arn']}", 404)
    ec2 = ec2_backends[account][region]
    if not any(one.vpc and one.vpc.id == balancer.vpc_id for one in ec2.internet_gateways.values()):
        raise Refused("InvalidArgument", "the VPC has no internet gateway")
    # CloudFront makes this group with the first VPC origin of a VPC.
    if not ec2.describe_security_groups(filters={"vpc-id": [balancer.vpc_id], "group-name": [ORIGINS_GROUP]}):
        ec2.create_security_group(ORIGINS_GROUP, "CloudFront VPC origins", balancer.vpc_id)
    identifier = f"vo_{digits(22)}"
    arn = f"arn:aws:cloudfront::{account}:vpcorigin/{identifier}"
    item = {"Id": identifier, "Arn": arn, "Status": "Deployed", "CreatedTime": now(), "LastModifiedTime": now()}
    item["VpcOriginEndpointConfig"] = config
    kept("VpcOrigin")[identifier] = item
    tags[arn] = tags_in(params.get("Tags"))
    return {"VpcOrigin": item, "ETag": "E1"}


@answers("cloudfront", "GetVpcOrigin")
def get_vpc_origin(params, call):
    return {"VpcOrigin": found("VpcOrigin", params["Id"], "EntityNotFound"), "ETag": "E1"}


@answers("cloudfront", "UpdateVpcOrigin")
def update_vpc_origin(params, call):
    item = found("VpcOrigin", params["Id"], "EntityNotFound")
    item["VpcOriginEndpointConfig"] = params["VpcOriginEndpointConfig"]
    return {"VpcOrigin": item, "ETag": "E1"}


@answers("cloudfront", "DeleteVpcOrigin")
def delete_vpc_origin(params, call):
    item = found("VpcOrigin", params["Id"], "EntityNotFound")
    refuse_in_use("CannotDeleteEntityWhileInUse", item["Id"])
    del kept("VpcOrigin")[item["Id"]]
    # CloudFront takes its group away with the last VPC origin; here every VPC has one origin.
    region = item["VpcOriginEndpointConfig"]["Arn"].split(":")[3]
    ec2 = ec2_backends[account][region]
    for group in ec2.describe_security_groups(filters={"group-name": [ORIGINS_GROUP]}):
        ec2.delete_security_group(group_id=group.id)
    return {"VpcOrigin": item, "ETag": "E1"}


# ARN → tags. They go with what they are on and are no things of their own.
tags = {}


def tags_in(given):
    return {tag["Key"]: tag.get("Value", "") for tag in (given or {}).get("Items", [])}


def check_distribution(config):
    origins = {one["Id"]: one for one in config["Origins"]["Items"]}
    for behaviour in [config["DefaultCacheBehavior"], *config.get("CacheBehaviors", {}).get("Items", [])]:
        if behaviour["TargetOriginId"] not in origins:
            raise Refused("NoSuchOrigin", behaviour["TargetOriginId"], 404)
        for key, kind in (("CachePolicyId", "CachePolicy"), ("ResponseHeadersPolicyId", "ResponseHeadersPolicy")):
            if behaviour.get(key, CACHING_DISABLED) not in (*kept(kind), CACHING_DISABLED):
                raise Refused(f"NoSuch{kind}", behaviour[key], 404)
    for origin in origins.values():
        if "VpcOriginConfig" in origin:
            found("VpcOrigin", origin["VpcOriginConfig"]["VpcOriginId"], "EntityNotFound")


@answers("cloudfront", "CreateDistributionWithTags")
def create_distribution(params, call):
    config = params["DistributionConfigWithTags"]["DistributionConfig"]
    check_distribution(config)
    identifier = f"E{digits(13).upper()}"
    item = {
        "Id": identifier,
        "ARN": f"arn:aws:cloudfront::{account}:distribution/{identifier}",
        "Status": "Deployed",
        "LastModifiedTime": now(),
        "InProgressInvalidationBatches": 0,
        "DomainName": f"d{identifier.lower()}.cloudfront.net",
        "ActiveTrustedSigners": {"Enabled": False, "Quantity": 0},
        "ActiveTrustedKeyGroups": {"Enabled": False, "Quantity": 0},
        # CloudFront always answers these two.
        "DistributionConfig": {"OriginGroups": {"Quantity": 0}, "Staging": False, **config},
    }
    kept("Distribution")[identifier] = item
    tags[item["ARN"]] = tags_in(params["DistributionConfigWithTags"].get("Tags"))
    return {"Distribution": item, "ETag": "E1"}


@answers("cloudfront", "GetDistribution")
def get_distribution(params, call):
    return {"Distribution": found("Distribution", params["Id"], "NoSuchDistribution"), "ETag": "E1"}


@answers("cloudfront", "GetDistributionConfig")
def get_distribution_config(params, call):
    item = found("Distribution", params["Id"], "NoSuchDistribution")
    return {"DistributionConfig": item["DistributionConfig"], "ETag": "E1"}


@answers("cloudfront", "UpdateDistribution")
def update_distribution(params, call):
    item = found("Distribution", params["Id"], "NoSuchDistribution")
    check_distribution(params["DistributionConfig"])
    item["DistributionConfig"] = {"OriginGroups": {"Quantity": 0}, "Staging": False, **params["DistributionConfig"]}
    return {"Distribution": item, "ETag": "E1"}


@answers("cloudfront", "DeleteDistribution")
def delete_distribution(params, call):
    item = found("Distribution", params["Id"], "NoSuchDistribution")
    if item["DistributionConfig"]["Enabled"]:
        raise Refused("DistributionNotDisabled", "disable it first", 409)
    del kept("Distribution")[params["Id"]]
    return {}


@answers("cloudfront", "ListTagsForResource")
def list_tags(params, call):
    return {"Tags": {"Items": [{"Key": key, "Value": value} for key, value in tags.get(params["Resource"], {}).items()]}}


@answers("cloudfront", "TagResource")
def tag(params, call):
    tags.setdefault(params["Resource"], {}).update(tags_in(params["Tags"]))
    return {}


@answers("cloudfront", "UntagResource")
def untag(params, call):
    for key in params["TagKeys"].get("Items", []):
        tags.get(params["Resource"], {}).pop(key, None)
    return {}


@answers("cloudfront", "CreateMonitoringSubscription")
def subscribe(params, call):
    kept("MonitoringSubscription")[params["DistributionId"]] = params["MonitoringSubscription"]
    return {"MonitoringSubscription": params["MonitoringSubscription"]}


@answers("cloudfront", "GetMonitoringSubscription")
def subscription(params, call):
    item = found("MonitoringSubscription", params["DistributionId"], "NoSuchMonitoringSubscription")
    return {"MonitoringSubscription": item}


@answers("cloudfront", "DeleteMonitoringSubscription")
def unsubscribe(params, call):
    found("MonitoringSubscription", params["DistributionId"], "NoSuchMonitoringSubscription")
    del kept("MonitoringSubscription")[params["DistributionId"]]
    return {}
