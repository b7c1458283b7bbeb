"""Asks for the trail's public keys and validates its files, with boto3 and the AWS CLI as they come from PyPI.

Endpoints, keys, the bucket and the account come by environment: see ../whole/aws_tools.rs.
"""

import datetime
import os
import re
import subprocess

import boto3
from botocore.exceptions import ClientError

BUCKET = os.environ["BUCKET"]
TRAIL = f"arn:aws:cloudtrail:{os.environ['AWS_REGION']}:{os.environ['ACCOUNT']}:trail/pki"
DAYS = 36

cloudtrail = boto3.client("cloudtrail")
now = datetime.datetime.now(datetime.timezone.utc)


def refused(code, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error
        return error
    raise AssertionError(f"{code} expected")


def public_keys():
    (key,) = cloudtrail.list_public_keys()["PublicKeyList"]
    assert re.fullmatch("[0-9a-f]{32}", key["Fingerprint"]), key
    assert key["ValidityStartTime"] < now - datetime.timedelta(days=DAYS) and now < key["ValidityEndTime"], key
    assert key["Value"][:2] == b"\x30\x82" and len(key["Value"]) == 270, "an RSAPublicKey of 2048 bits"
    past = {"StartTime": now - datetime.timedelta(days=DAYS), "EndTime": now}
    assert cloudtrail.list_public_keys(**past)["PublicKeyList"] == [key]
    long_ago = datetime.datetime(2015, 1, 1)
    assert cloudtrail.list_public_keys(StartTime=long_ago, EndTime=long_ago)["PublicKeyList"] == []
    refused("InvalidTimeRangeException", cloudtrail.list_public_keys, StartTime=now, EndTime=long_ago)
    unsupported = refused("UnsupportedOperationException", cloudtrail.describe_trails)
    assert "DescribeTrails" in str(unsupported), unsupported


def validation():
    start = (now - datetime.timedelta(days=DAYS)).strftime("%Y-%m-%dT%H:%M:%SZ")
    command = ["aws", "cloudtrail", "validate-logs", "--trail-arn", TRAIL, "--s3-bucket", BUCKET]
    done = subprocess.run([*command, "--start-time", start], capture_output=True, text=True)
    said = done.stdout + done.stderr
    digests, valid_digests = re.search(r"(\d+)/(\d+) digest files valid", said).groups()
    assert digests == valid_digests and int(digests) >= 35 * 24 - 3, said
    invalid = re.findall(r"INVALID: (.*)", said)
    assert sorted(invalid) == ["hash value doesn't match", "not found"], said
    assert said.count("No log files were delivered by CloudTrail between") == 1, said
    # Found that something is invalid.
    assert done.returncode == 1, (done.returncode, said)


public_keys()
validation()
