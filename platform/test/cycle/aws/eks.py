"""EKS: moto keeps only a part of a cluster, and no add-ons, access entries or pod identities."""

from additions import Refused, account, answers, digits, found, kept, now
from moto.ec2.models import ec2_backends
from moto.iam.models import iam_backends

NOT_FOUND = "ResourceNotFoundException"
# Of a request alone.
TRANSIENT = ("clientRequestToken", "resolveConflicts")


def arn(call, kind, *rest):
    return f"arn:aws:eks:{call['region']}:{account}:{kind}/" + "/".join(rest)


def require_role(role):
    if not any(one.arn == role for one in iam_backends[account]["aws"].roles.values()):
        raise Refused("InvalidParameterException", f"The specified principalArn is invalid: no role {role}")


def update(kind="ConfigUpdate"):
    return {"id": digits(), "status": "Successful", "type": kind, "params": [], "createdAt": now(), "errors": []}


@answers("eks", "CreateCluster")
def create_cluster(params, call):
    require_role(params["roleArn"])
    ec2 = ec2_backends[account][call["region"]]
    network = params["resourcesVpcConfig"]
    subnets = [ec2.get_subnet(one) for one in network["subnetIds"]]
    if len({one.availability_zone for one in subnets}) < 2:
        raise Refused("InvalidParameterException", "Subnets specified must be in at least two different AZs")
    name, vpc = params["name"], subnets[0].vpc_id
    group = ec2.create_security_group(f"eks-cluster-sg-{name}-1", "EKS created security group", vpc)
    open_to = network.get("publicAccessCidrs", ["0.0.0.0/0"] if network.get("endpointPublicAccess") else [])
    given = {key: value for key, value in params.items() if key not in (*TRANSIENT, "bootstrapSelfManagedAddons")}
    cluster = {
        "tags": {},
        "deletionProtection": False,
        "logging": {"clusterLogging": []},
        **given,
        "arn": arn(call, "cluster", name),
        "createdAt": now(),
        "status": "ACTIVE",
        "health": {"issues": []},
        "platformVersion": "eks.1",
        "endpoint": f"https://{digits().upper()}.gr7.{call['region']}.eks.amazonaws.com",
        "certificateAuthority": {"data": "bm90IGEgY2VydGlmaWNhdGU="},
        "identity": {"oidc": {"issuer": f"https://oidc.eks.{call['region']}.amazonaws.com/id/{digits().upper()}"}},
        "accessConfig": {"authenticationMode": params.get("accessConfig", {}).get("authenticationMode")},
        "resourcesVpcConfig": {
            "securityGroupIds": [],
            **network,
            "publicAccessCidrs": open_to,
            "clusterSecurityGroupId": group.id,
            "vpcId": vpc,
        },
    }
    kept("cluster")[name] = cluster
    return {"cluster": cluster}


@answers("eks", "DescribeCluster")
def describe_cluster(params, call):
    return {"cluster": found("cluster", params["name"], NOT_FOUND)}


@answers("eks", "DeleteCluster")
def delete_cluster(params, call):
    cluster = found("cluster", params["name"], NOT_FOUND)
    if cluster["deletionProtection"]:
        raise Refused("InvalidRequestException", "deletion protection is on")
    if kept("nodegroup"):
        raise Refused("ResourceInUseException", "Cluster has nodegroups attached", 409)
    del kept("cluster")[params["name"]]
    ec2_backends[account][call["region"]].delete_security_group(
        group_id=cluster["resourcesVpcConfig"]["clusterSecurityGroupId"]
    )
    return {"cluster": cluster}


@answers("eks", "UpdateClusterConfig", "UpdateClusterVersion")
def update_cluster(params, call):
    cluster = found("cluster", params["name"], NOT_FOUND)
    for key, value in params.items():
        if key == "resourcesVpcConfig":
            cluster[key].update(value)
        elif key not in (*TRANSIENT, "name"):
            cluster[key] = value
    return {"update": update()}


@answers("eks", "DescribeUpdate")
def describe_update(params, call):
    return {"update": {**update(), "id": params["updateId"]}}


def part(kind, key_of, output, noun, extra, updates):
    """Something that belongs to a cluster, under the names that its operations and answers have."""

    @answers("eks", f"Create{noun}")
    def create(params, call):
        found("cluster", params["clusterName"], NOT_FOUND)
        key = key_of(params)
        if key in kept(kind):
            raise Refused("ResourceInUseException", f"{kind} {key} already exists", 409)
        given = {name: value for name, value in params.items() if name not in TRANSIENT}
        item = {"tags": {}, **given, **extra(params, call), "createdAt": now(), "modifiedAt": now()}
        kept(kind)[key] = item
        return {output: item}

    @answers("eks", f"Describe{noun}")
    def describe(params, call):
        return {output: found(kind, key_of(params), NOT_FOUND)}

    @answers("eks", f"Delete{noun}")
    def delete(params, call):
        item = found(kind, key_of(params), NOT_FOUND)
        del kept(kind)[key_of(params)]
        for identity in item.get("podIdentityAssociations", []):
            kept("association").pop(identity.rsplit("/", 1)[-1], None)
        return {output: item}

    @answers("eks", *updates)
    def change(params, call):
        item = found(kind, key_of(params), NOT_FOUND)
        item.update({name: value for name, value in params.items() if name not in TRANSIENT})
        return {output: item, "update": update()}


def nodegroup(params, call):
    require_role(params["nodeRole"])
    return {
        "nodegroupArn": arn(call, "nodegroup", params["clusterName"], params["nodegroupName"], digits()),
        "status": "ACTIVE",
        "health": {"issues": []},
        "releaseVersion": params.get("releaseVersion", "1.35.0-20261101"),
        "resources": {"autoScalingGroups": [{"name": "eks-nodes"}]},
    }


def associate(params, call):
    require_role(params["roleArn"])
    identifier = f"a-{digits(17)}"
    item = {
        "namespace": "kube-system",
        "tags": {},
        **{key: value for key, value in params.items() if key not in TRANSIENT},
        "associationId": identifier,
        "associationArn": arn(call, "podidentityassociation", params["clusterName"], identifier),
        "createdAt": now(),
        "modifiedAt": now(),
    }
    kept("association")[identifier] = item
    return item


def addon(params, call):
    cluster = {"clusterName": params["clusterName"]}
    identities = [associate({**cluster, **one}, call) for one in params.get("podIdentityAssociations", [])]
    return {
        "addonArn": arn(call, "addon", params["clusterName"], params["addonName"], digits()),
        "status": "ACTIVE",
        "health": {"issues": []},
        "podIdentityAssociations": [one["associationArn"] for one in identities],
    }


def entry(params, call):
    require_role(params["principalArn"])
    return {
        "accessEntryArn": arn(call, "access-entry", params["clusterName"], digits()),
        "kubernetesGroups": params.get("kubernetesGroups", []),
        "type": params.get("type", "STANDARD"),
        "username": params.get("username", params["principalArn"]),
    }


part("nodegroup", lambda p: p["nodegroupName"], "nodegroup", "Nodegroup", nodegroup, ["UpdateNodegroupConfig", "UpdateNodegroupVersion"])
part("addon", lambda p: p["addonName"], "addon", "Addon", addon, ["UpdateAddon"])
part("entry", lambda p: p["principalArn"], "accessEntry", "AccessEntry", entry, ["UpdateAccessEntry"])


@answers("eks", "CreatePodIdentityAssociation")
def create_association(params, call):
    return {"association": associate(params, call)}


@answers("eks", "DescribePodIdentityAssociation")
def describe_association(params, call):
    return {"association": found("association", params["associationId"], NOT_FOUND)}


@answers("eks", "DeletePodIdentityAssociation")
def delete_association(params, call):
    item = found("association", params["associationId"], NOT_FOUND)
    del kept("association")[params["associationId"]]
    return {"association": item}


@answers("eks", "ListPodIdentityAssociations")
def list_associations(params, call):
    return {"associations": list(kept("association").values())}


# Principal → policies of its entry, with which they go.
policies = {}


@answers("eks", "AssociateAccessPolicy")
def associate_policy(params, call):
    found("entry", params["principalArn"], NOT_FOUND)
    scope = {"namespaces": [], **params["accessScope"]}
    item = {"policyArn": params["policyArn"], "accessScope": scope, "associatedAt": now(), "modifiedAt": now()}
    policies.setdefault(params["principalArn"], {})[params["policyArn"]] = item
    return {**{key: params[key] for key in ("clusterName", "principalArn")}, "associatedAccessPolicy": item}


@answers("eks", "ListAssociatedAccessPolicies")
def list_policies(params, call):
    found("entry", params["principalArn"], NOT_FOUND)
    mine = list(policies.get(params["principalArn"], {}).values())
    return {**{key: params[key] for key in ("clusterName", "principalArn")}, "associatedAccessPolicies": mine}


@answers("eks", "DisassociateAccessPolicy")
def disassociate_policy(params, call):
    policies.get(params["principalArn"], {}).pop(params["policyArn"], None)
    return {}


@answers("eks", "TagResource", "UntagResource")
def tag(params, call):
    return {}
