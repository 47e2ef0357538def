"""What AWS offers an account: quotas, versions of EKS and its add-ons, public parameters, where X-Ray keeps spans. Given as a file, for moto has none of it."""

from additions import Refused, answers

# Filled by serve.py: quotas, kubernetes, addons, parameters, spans.
offers = {}


def offered(kind):
    return offers.get(kind, {})


@answers("service-quotas", "GetServiceQuota")
def quota(params, call):
    code = params["QuotaCode"]
    if code not in offered("quotas"):
        raise Refused("NoSuchResourceException", f"no quota {code}")
    service = params["ServiceCode"]
    return {"Quota": {"ServiceCode": service, "QuotaCode": code, "QuotaName": code, "Value": offered("quotas")[code]}}


@answers("eks", "DescribeClusterVersions")
def cluster_versions(params, call):
    wanted = params.get("clusterVersions") or list(offered("kubernetes"))
    known = [one for one in wanted if one in offered("kubernetes")]
    return {"clusterVersions": [{"clusterVersion": one, "versionStatus": offered("kubernetes")[one]} for one in known]}


@answers("eks", "DescribeAddonVersions")
def addon_versions(params, call):
    versions = offered("addons").get(params["addonName"], [])
    return {"addons": [{"addonName": params["addonName"], "addonVersions": [{"addonVersion": one} for one in versions]}]}


@answers("ssm", "GetParameter")
def parameter(params, call):
    name = params["Name"]
    if name not in offered("parameters"):
        raise Refused("ParameterNotFound", "")
    return {"Parameter": {"Name": name, "Type": "String", "Value": offered("parameters")[name]}}


@answers("xray", "GetTraceSegmentDestination")
def trace_segment_destination(params, call):
    # X-Ray itself, until somebody asks for the other.
    return offered("spans") or {"Destination": "XRay", "Status": "ACTIVE"}
