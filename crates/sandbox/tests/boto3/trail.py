"""Asks for the trail's public keys and validates its files, with boto3 and the AWS CLI as they come from PyPI.

Endpoints, keys, the bucket and the trail's ARN come by environment: see ../whole/aws_tools.rs.
"""

import datetime
import os
import re
import subprocess

import boto3
from botocore.exceptions import ClientError

BUCKET = os.environ["BUCKET"]
TRAIL = os.environ["TRAIL_ARN"]
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
    unsupported = refused("UnsupportedOperationException", cloudtrail.list_trails)
    assert "ListTrails" in str(unsupported), unsupported


def trails():
    (trail,) = cloudtrail.describe_trails()["trailList"]
    assert trail["TrailARN"] == TRAIL and trail["S3BucketName"] == BUCKET and "S3KeyPrefix" not in trail, trail
    assert trail["LogFileValidationEnabled"] and not trail["IsOrganizationTrail"], trail
    for name in [TRAIL, trail["Name"]]:
        assert cloudtrail.describe_trails(trailNameList=[name])["trailList"] == [trail]
        status = cloudtrail.get_trail_status(Name=name)
        assert status["IsLogging"] and now - status["LatestDigestDeliveryTime"] < datetime.timedelta(minutes=2), status
    other = TRAIL + "-other"
    assert cloudtrail.describe_trails(trailNameList=[other])["trailList"] == []
    refused("TrailNotFoundException", cloudtrail.get_trail_status, Name=other)


def validation():
    start = (now - datetime.timedelta(days=DAYS)).strftime("%Y-%m-%dT%H:%M:%SZ")
    command = ["aws", "cloudtrail", "validate-logs", "--trail-arn", TRAIL, "--start-time", start]
    done = subprocess.run(command, capture_output=True, text=True)
    said = done.stdout + done.stderr
    digests, valid_digests = re.search(r"(\d+)/(\d+) digest files valid", said).groups()
    assert digests == valid_digests and int(digests) >= 35 * 24 - 3, said
    invalid = re.findall(r"INVALID: (.*)", said)
    assert sorted(invalid) == ["hash value doesn't match", "not found"], said
    assert said.count("No log files were delivered by CloudTrail between") == 1, said
    # Found that something is invalid.
    assert done.returncode == 1, (done.returncode, said)


public_keys()
trails()
validation()
