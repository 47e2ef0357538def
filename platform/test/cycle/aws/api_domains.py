"""Domain names of HTTP APIs and what they lead to: those of moto never become available."""

from additions import answers, digits, found, kept

NOT_FOUND = "NotFoundException"


@answers("apigatewayv2", "CreateDomainName")
def create_domain(params, call):
    made = {
        "ApiGatewayDomainName": f"d-{digits(10)}.execute-api.{call['region']}.amazonaws.com",
        "HostedZoneId": "Z1UJRXOUMOOFQ8",
        "DomainNameStatus": "AVAILABLE",
    }
    item = {
        "DomainName": params["DomainName"],
        "DomainNameArn": f"arn:aws:apigateway:{call['region']}::/domainnames/{params['DomainName']}",
        "ApiMappingSelectionExpression": "$request.basepath",
        "RoutingMode": "API_MAPPING_ONLY",
        "DomainNameConfigurations": [{"IpAddressType": "ipv4", **one, **made} for one in params["DomainNameConfigurations"]],
        "Tags": params.get("Tags", {}),
    }
    if "MutualTlsAuthentication" in params:
        item["MutualTlsAuthentication"] = params["MutualTlsAuthentication"]
    kept("DomainName")[params["DomainName"]] = item
    return item


@answers("apigatewayv2", "GetDomainName")
def get_domain(params, call):
    return found("DomainName", params["DomainName"], NOT_FOUND)


@answers("apigatewayv2", "UpdateDomainName")
def update_domain(params, call):
    item = found("DomainName", params["DomainName"], NOT_FOUND)
    for old, new in zip(item["DomainNameConfigurations"], params.get("DomainNameConfigurations", [])):
        old.update(new)
    if "MutualTlsAuthentication" in params:
        item["MutualTlsAuthentication"] = params["MutualTlsAuthentication"]
    return item


@answers("apigatewayv2", "DeleteDomainName")
def delete_domain(params, call):
    found("DomainName", params["DomainName"], NOT_FOUND)
    del kept("DomainName")[params["DomainName"]]
    return {}


@answers("apigatewayv2", "CreateApiMapping")
def create_mapping(params, call):
    found("DomainName", params["DomainName"], NOT_FOUND)
    item = {key: params[key] for key in ("ApiId", "DomainName", "Stage")}
    item |= {"ApiMappingId": digits(6), "ApiMappingKey": params.get("ApiMappingKey", "")}
    kept("ApiMapping")[item["ApiMappingId"]] = item
    return item


@answers("apigatewayv2", "GetApiMapping")
def get_mapping(params, call):
    return found("ApiMapping", params["ApiMappingId"], NOT_FOUND)


@answers("apigatewayv2", "DeleteApiMapping")
def delete_mapping(params, call):
    found("ApiMapping", params["ApiMappingId"], NOT_FOUND)
    del kept("ApiMapping")[params["ApiMappingId"]]
    return {}
