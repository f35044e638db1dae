"""botocore's signature of each request that was sent, at the time that the request names."""
import base64
import json
import re
import sys

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials


def signature(case):
    sent = case["headers"]
    scope, names = re.search(r"Credential=[^/]*/(\S+), SignedHeaders=(\S+),", sent["authorization"]).groups()
    _day, region, service, _end = scope.split("/")
    signer = SigV4Auth(Credentials(case["key"], case["secret"]), service, region)
    request = AWSRequest(
        method=case["method"],
        url=case["url"],
        headers={name: sent[name] for name in names.split(";") if name != "x-amz-content-sha256"},
        data=base64.b64decode(case["body"]),
    )
    request.context["timestamp"] = sent["x-amz-date"]
    # The hash is botocore's own, of what arrived.
    request.headers["x-amz-content-sha256"] = signer.payload(request)
    text = signer.string_to_sign(request, signer.canonical_request(request))
    return {"scope": scope, "signature": signer.signature(text, request)}


print(json.dumps([signature(case) for case in json.load(sys.stdin)]))
