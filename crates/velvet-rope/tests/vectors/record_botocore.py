"""Records what botocore signs for paths that must be encoded twice.

python3 -m venv /tmp/botocore && /tmp/botocore/bin/pip install botocore==1.43.106
/tmp/botocore/bin/python tests/vectors/record_botocore.py > tests/vectors/botocore.json
"""

import datetime
import json

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

BASE = "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/latest"
TARGETS = [
    ("GET", "/require-auth", ""),
    ("GET", "/", ""),
    ("GET", "/a%20b", ""),
    ("GET", "/a%2Fb", ""),
    ("GET", "/%40connections/P-S_x%3D", ""),
    ("GET", "/@connections/$default", ""),
    ("GET", "/it's(all)*there!", ""),
    ("GET", "/a+b;c=d,e&f:g~h-i._j", ""),
    ("GET", "/%E2%82%AC", ""),
    ("GET", "/things?b=2&a=1&a=0", ""),
    ("GET", "/things?q=a%20b%2Fc&empty=", ""),
    ("GET", "/things?x=%E2%82%AC&X=1", ""),
    ("POST", "/require-auth", '{"message":"h\u00e9llo"}'),
    ("DELETE", "/things/1", ""),
]
NOW = datetime.datetime(2023, 11, 14, 22, 13, 20, tzinfo=datetime.timezone.utc)


class FixedTime(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return NOW

    @classmethod
    def utcnow(cls):
        return NOW.replace(tzinfo=None)


botocore.auth.get_current_datetime = lambda remove_tzinfo=True: NOW.replace(tzinfo=None) if remove_tzinfo else NOW

cases = []
for method, target, body in TARGETS:
    request = AWSRequest(method=method, url=BASE + target, data=body.encode(), headers={"x-api-key": "key-of-twenty-letters"})
    credentials = Credentials("ASIAEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "session/token+example==")
    signer = botocore.auth.SigV4Auth(credentials, "execute-api", "eu-west-1")
    signer.add_auth(request)
    cases.append({"method": method, "url": BASE + target, "body": body, "authorization": request.headers["Authorization"]})
print(json.dumps(cases, indent=1))
