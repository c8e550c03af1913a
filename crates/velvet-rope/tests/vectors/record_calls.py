"""Records what botocore signs for calls: in headers (SigV4Auth) and in the query (SigV4QueryAuth).

Each case has the address and the headers as an app writes them, and as a browser sends them. botocore signs the latter.
botocore is under the Apache License 2.0, https://github.com/boto/botocore; the file has its output, none of its source.

python3 -m venv /tmp/botocore && /tmp/botocore/bin/pip install botocore==1.43.106
/tmp/botocore/bin/python tests/vectors/record_calls.py > tests/vectors/calls.json
"""

import base64
import datetime
import json

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

HOST = "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com"
BASE = f"https://{HOST}/latest"
NOW = datetime.datetime(2023, 11, 14, 22, 13, 20, tzinfo=datetime.timezone.utc)
botocore.auth.get_current_datetime = lambda remove_tzinfo=True: NOW.replace(tzinfo=None) if remove_tzinfo else NOW

# Name, method, the address as it is written, and as it is sent.
URLS = [
    ("spaces", "GET", BASE + "/a b/c%20d?q=x y&r=%20", BASE + "/a%20b/c%20d?q=x%20y&r=%20"),
    ("encoded slashes", "GET", BASE + "/a%2Fb/c%2fd?q=%2F", BASE + "/a%2Fb/c%2fd?q=%2F"),
    ("empty segments", "GET", BASE + "//a///b//", BASE + "/a/b/"),
    ("dot segments", "GET", BASE + "/x/../a/./b/%2e%2E/c", BASE + "/a/c"),
    ("marks", "GET", BASE + "/!'()*?a=!'()*", BASE + "/!'()*?a=%21%27%28%29%2A"),
    ("unicode", "GET", BASE + "/€/\U0001f600?ü=é", BASE + "/%E2%82%AC/%F0%9F%98%80?%C3%BC=%C3%A9"),
    ("plus", "GET", BASE + "/a+b?q=1+1&r=1%2B1", BASE + "/a+b?q=1%201&r=1%2B1"),
    ("a key without an equals sign", "GET", BASE + "/a?flag&b=1", BASE + "/a?flag=&b=1"),
    ("repeated and empty values", "GET", BASE + "/a?b=2&b=1&a=&b=&a=0", BASE + "/a?b=2&b=1&a=&b=&a=0"),
    ("equals signs in a value", "GET", BASE + "/a?q=b=c==", BASE + "/a?q=b%3Dc%3D%3D"),
    ("empty pairs", "GET", BASE + "/a?&&b=1&", BASE + "/a?b=1"),
    ("the default port", "GET", f"https://{HOST}:443/latest/a", BASE + "/a"),
    ("another port", "GET", f"https://{HOST}:8443/latest/a", f"https://{HOST}:8443/latest/a"),
    ("plain http on its port", "GET", "http://localhost:80/a", "http://localhost/a"),
    ("a host in capitals", "GET", f"HTTPS://{HOST.upper()}/Latest/A", f"https://{HOST}/Latest/A"),
    ("a fragment", "GET", BASE + "/a?b=1#c?d", BASE + "/a?b=1"),
    ("no path", "GET", f"https://{HOST}", f"https://{HOST}/"),
    ("reserved characters", "GET", BASE + "/a:b@c$d,e;f=g&h", BASE + "/a:b@c$d,e;f=g&h"),
    ("a lone percent sign", "GET", BASE + "/100%/%zz?q=%", BASE + "/100%25/%25zz?q=%25"),
    ("braces and quotes", "GET", BASE + "/{a}|\"<b>^`\\", BASE + "/%7Ba%7D%7C%22%3Cb%3E%5E%60%5C"),
    ("delete", "DELETE", BASE + "/a/7", BASE + "/a/7"),
]
# Name, the headers as they are written, and as they are sent.
HEADERS = [
    ("trimmed values", [["X-One", "  a  "], ["x-two", "\tb\t"]], [["x-one", "a"], ["x-two", "b"]]),
    ("folded values", [["X-One", "a   b\t \tc"]], [["x-one", "a b c"]]),
    ("repeated headers", [["x-one", "a"], ["X-One", "b"]], [["x-one", "a, b"]]),
    ("an empty value", [["x-one", ""]], [["x-one", ""]]),
    ("quotes", [["x-one", '"a  b"']], [["x-one", '"a b"']]),
]
BODIES = [
    ("an empty body", b""),
    ("json", '{"message":"h\u00e9llo"}'.encode()),
    ("bytes that are not UTF-8", bytes(range(256))),
    ("a large body", bytes(index % 251 for index in range(70_000))),
]
# The query form: botocore keeps one value for each name, so no name is repeated.
PRESIGNED = [
    (BASE + "/download/a%20b", 300),
    (BASE + "/download?name=x%20y&empty=", 604800),
    (f"https://{HOST}/production", 60),
    (BASE + "/%E2%82%AC/a%2Fb", 1),
]


def credentials():
    return Credentials("ASIAEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "session/token+example==")


def case(name, method, typed, sent, typed_headers, headers, body):
    request = AWSRequest(method=method, url=sent, data=body, headers=dict(headers))
    botocore.auth.SigV4Auth(credentials(), "execute-api", "eu-west-1").add_auth(request)
    large = len(body) > 1000
    return {
        "name": name,
        "method": method,
        "typed_url": typed,
        "url": sent,
        "typed_headers": typed_headers,
        "headers": headers,
        "body": "" if large else base64.b64encode(body).decode(),
        "large_body": len(body) if large else 0,
        "authorization": request.headers["Authorization"],
    }


def presigned(url, expires):
    request = AWSRequest(method="GET", url=url)
    botocore.auth.SigV4QueryAuth(credentials(), "execute-api", "eu-west-1", expires=expires).add_auth(request)
    return {"url": url, "valid_seconds": expires, "presigned": request.url}


URL = BASE + "/a"
calls = [case(name, method, typed, sent, [], [], b"") for name, method, typed, sent in URLS]
calls += [case(name, "GET", URL, URL, typed, sent, b"") for name, typed, sent in HEADERS]
calls += [case(name, "POST", URL, URL, [], [], body) for name, body in BODIES]
print(json.dumps({"calls": calls, "presigned": [presigned(*item) for item in PRESIGNED]}, indent=1))
