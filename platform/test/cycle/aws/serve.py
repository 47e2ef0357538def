"""AWS for one account: moto, with what it lacks in front of it, and a line in a log for each call, judged by botocore's models.

MOTO_ACCOUNT_ID=111122223333 python serve.py --log calls.jsonl [--region NAME]… [--zone NAME] [--private-zone NAME] [--role NAME]… [--secret SECRET]…
    [--offers JSON]
Secrets are REGION=NAME=VALUE. Prints its port. `GET /_slipway/held` lists what the account holds; `/_slipway/stall?path=P` lets every POST to P wait
until `/_slipway/stall` is asked without a path, `/_slipway/stalled` says how many wait.
"""

import argparse
import copy
import io
import json
import logging
import re
import sys
import threading
import time
import traceback

import boto3
import api_domains, budgets, cloudfront, eks, moto_gaps, offers  # noqa: E401, F401 – each registers its answers
from additions import Refused, account, answered, corrected, digits, guarded
from left import held
from moto.core.serialize import SerializationContext, get_serializer_class
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from service_models import SIGNED_AS, model_of, operation_of, read
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

SCOPE = re.compile(r"Credential=[^/]+/\d+/([^/]+)/([^/]+)/")


class Account:
    """A WSGI application that answers for every service."""

    def __init__(self):
        self.moto = DomainDispatcherApplication(create_backend_app)
        # Seeding is not logged.
        self.log = io.StringIO()
        # moto is not safe among threads.
        self.lock = threading.RLock()
        self.slow_path, self.waiting = None, 0
        # Answers by the token that makes a call idempotent: a client that lost one asks again, and AWS gives it again.
        self.given = {}

    def __call__(self, environ, start_response):
        chunked = environ.get("HTTP_TRANSFER_ENCODING", "").lower() == "chunked"
        size = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read() if chunked else environ["wsgi.input"].read(size)
        environ["wsgi.input"] = io.BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))
        request = Request(environ)
        if request.path.startswith("/_slipway/"):
            return self.asked(request)(environ, start_response)
        if request.method == "POST" and request.path == self.slow_path:
            return self.stall()(environ, start_response)
        with self.lock:
            record = {"method": request.method, "path": request.full_path, "problems": []}
            try:
                response = self.respond(request, body, environ, record)
            except Exception:
                # A fault of this program, as an answer after which no client asks again.
                record["problems"].append(traceback.format_exc())
                response = Response("this account is broken", status=400)
            record["status"] = response.status_code
            if response.status_code >= 300:
                record["answer"] = response.get_data(as_text=True)[:600]
            self.log.write(json.dumps(record, default=str) + "\n")
        return response(environ, start_response)

    def asked(self, request):
        if request.path == "/_slipway/held":
            with self.lock:
                return Response(json.dumps(held()), mimetype="application/json")
        if request.path == "/_slipway/stall":
            self.slow_path = request.args.get("path")
        return Response(json.dumps(self.waiting), mimetype="application/json")

    def stall(self):
        """Waits, and does nothing of what was asked."""
        self.waiting += 1
        while self.slow_path is not None:
            time.sleep(0.05)
        self.waiting -= 1
        return Response("it took too long", status=503)

    def respond(self, request, body, environ, record):
        scope = SCOPE.search(request.headers.get("Authorization", ""))
        if scope is None:
            return self.from_moto(environ)
        region, signed = scope.groups()
        service = SIGNED_AS.get(signed, signed)
        name, in_path = operation_of(service, request, body)
        record.update(service=service, region=region, operation=name)
        if name is None:
            return self.from_moto(environ)
        operation = model_of(service).operation_model(name)
        params, problems = read(operation, request, body, in_path)
        record.update(params=params, problems=problems)
        call = {"region": region, "service": service}
        tokens = tuple(params[one] for one in operation.idempotent_members if one in params)
        if not tokens:
            return self.answer(operation, params, call, environ)
        key = (service, region, name, tokens)
        record["again"] = key in self.given
        if not record["again"]:
            response = self.answer(operation, params, call, environ)
            if response.status_code >= 300:
                return response
            self.given[key] = (response.get_data(), response.status_code, list(response.headers))
        return Response(*self.given[key])

    def answer(self, operation, params, call, environ):
        key = (call["service"], operation.name)
        protocol = operation.service_model.protocol
        try:
            if key in guarded:
                guarded[key](params, call)
            if key in answered:
                serializer = get_serializer_class(call["service"], protocol)(operation, SerializationContext(digits()))
                return served(serializer.serialize(copy.deepcopy(answered[key](params, call))))
        except Refused as refused:
            return refusal(refused, protocol)
        response = self.from_moto(environ)
        if key in corrected and response.status_code < 300:
            response.set_data(corrected[key](params, response.get_data(as_text=True)))
        return response

    def from_moto(self, environ):
        return Response.from_app(self.moto, environ, buffered=True)


def served(answer):
    response = Response(answer["body"], status=answer["status_code"])
    for key, value in answer["headers"].items():
        response.headers[key] = value
    return response


def refusal(refused, protocol):
    if protocol in ("rest-xml", "query", "ec2"):
        error = f"<Error><Type>Sender</Type><Code>{refused.code}</Code><Message>{refused.message}</Message></Error>"
        text = f"<ErrorResponse>{error}<RequestId>{digits()}</RequestId></ErrorResponse>"
        return Response(text, status=refused.status, content_type="text/xml")
    headers = {"x-amzn-ErrorType": refused.code, "Content-Type": "application/json"}
    return Response(json.dumps({"message": refused.message, "__type": refused.code}), refused.status, headers)


def seed(endpoint, regions, zones, private_zones, roles, secrets):
    """What is there before the platform is; moto makes a region’s own things when it is first asked for any."""
    keys = {"aws_access_key_id": "seed", "aws_secret_access_key": "seed"}

    def client(service, region="us-east-1"):
        return boto3.client(service, endpoint_url=endpoint, region_name=region, **keys)

    for region in regions:
        client("ec2", region).describe_vpcs()
        client("events", region).list_event_buses()
    for name in zones:
        client("route53").create_hosted_zone(Name=name, CallerReference=name)
    for name in private_zones:
        vpc = client("ec2", regions[0]).create_vpc(CidrBlock="10.100.0.0/16")["Vpc"]["VpcId"]
        client("route53").create_hosted_zone(
            Name=name,
            CallerReference=f"{name} inside",
            # AWS takes it from the VPC; moto does not.
            HostedZoneConfig={"PrivateZone": True},
            VPC={"VPCRegion": regions[0], "VPCId": vpc},
        )
    for role in roles:
        path, _, name = f"/{role}".rpartition("/")
        trust = '{"Version":"2012-10-17","Statement":[]}'
        client("iam").create_role(RoleName=name, Path=f"{path}/", AssumeRolePolicyDocument=trust)
    for one in secrets:
        region, name, value = one.split("=", 2)
        client("secretsmanager", region).create_secret(Name=name, SecretString=value)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--log", required=True)
    for option in ("--region", "--zone", "--private-zone", "--role", "--secret"):
        parser.add_argument(option, action="append", default=[])
    parser.add_argument("--offers", default="{}")
    options = parser.parse_args()
    offers.offers.update(json.loads(options.offers))
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    application = Account()
    server = make_server("127.0.0.1", 0, application, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    endpoint = f"http://127.0.0.1:{server.server_port}"
    seed(endpoint, options.region, options.zone, options.private_zone, options.role, options.secret)
    application.log = open(options.log, "a", buffering=1)
    print(server.server_port, flush=True)
    # Ends with the process that started it.
    sys.stdin.read()
