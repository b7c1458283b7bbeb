"""Walks every operation that the sandbox's Private CA has, with boto3 and the AWS CLI as they come from PyPI.

The endpoints, the keys, the bucket and the certificate signing requests come by environment: see ../pca/boto3.rs.
"""

import csv
import datetime
import io
import json
import os
import pathlib
import subprocess
import time

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

BUCKET = os.environ["BUCKET"]
REQUESTS = pathlib.Path(os.environ["REQUESTS"])
TEMPLATES = "arn:aws:acm-pca:::template/"

pca = boto3.client("acm-pca")
once = boto3.client("acm-pca", config=Config(retries={"total_max_attempts": 1}))
patient = boto3.client("acm-pca", config=Config(retries={"total_max_attempts": 12, "mode": "standard"}))
s3 = boto3.client("s3")


def refused(code, call, **arguments):
    """The call fails with this code, and with the modelled exception where the API has one."""
    try:
        call(**arguments)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error
        assert error.response["ResponseMetadata"]["RequestId"], error
        modelled = getattr(pca.exceptions, code, ClientError)
        assert isinstance(error, modelled) or call.__self__ is not pca, error
        return error
    raise AssertionError(f"{code} expected")


def cli(*arguments):
    done = subprocess.run(["aws", "acm-pca", *arguments], capture_output=True, text=True, check=True)
    return json.loads(done.stdout) if done.stdout.strip() else None


def subject(name):
    return {"Country": "DE", "Organization": "Example", "CommonName": name}


def created(kind, name):
    arn = pca.create_certificate_authority(
        CertificateAuthorityType=kind,
        CertificateAuthorityConfiguration={
            "KeyAlgorithm": "EC_prime256v1",
            "SigningAlgorithm": "SHA256WITHECDSA",
            "Subject": subject(name),
        },
        RevocationConfiguration={
            "CrlConfiguration": {"Enabled": True, "ExpirationInDays": 7, "S3BucketName": BUCKET}
        },
        IdempotencyToken=name,
    )["CertificateAuthorityArn"]
    pca.get_waiter("certificate_authority_csr_created").wait(
        CertificateAuthorityArn=arn, WaiterConfig={"Delay": 1}
    )
    return arn


def issued(authority, csr, template="EndEntityCertificate/V1", days=30, **more):
    arn = pca.issue_certificate(
        CertificateAuthorityArn=authority,
        Csr=csr,
        SigningAlgorithm="SHA256WITHECDSA",
        TemplateArn=TEMPLATES + template,
        Validity={"Type": "DAYS", "Value": days},
        **more,
    )["CertificateArn"]
    named = {"CertificateAuthorityArn": authority, "CertificateArn": arn}
    refused("RequestInProgressException", pca.get_certificate, **named)
    pca.get_waiter("certificate_issued").wait(**named)
    return arn, pca.get_certificate(**named)


def installed(authority, signer, template, days):
    csr = pca.get_certificate_authority_csr(CertificateAuthorityArn=authority)["Csr"].encode()
    _, got = issued(signer, csr, template, days)
    chain = {"CertificateChain": got["CertificateChain"].encode()} if signer != authority else {}
    pca.import_certificate_authority_certificate(
        CertificateAuthorityArn=authority, Certificate=got["Certificate"].encode(), **chain
    )


def authority_of(arn):
    return pca.describe_certificate_authority(CertificateAuthorityArn=arn)["CertificateAuthority"]


def report(authority, form):
    made = pca.create_certificate_authority_audit_report(
        CertificateAuthorityArn=authority, S3BucketName=BUCKET, AuditReportResponseFormat=form
    )
    named = {"CertificateAuthorityArn": authority, "AuditReportId": made["AuditReportId"]}
    described = pca.describe_certificate_authority_audit_report(**named)
    assert described["AuditReportStatus"] == "CREATING", described
    assert isinstance(described["CreatedAt"], datetime.datetime)
    pca.get_waiter("audit_report_created").wait(**named, WaiterConfig={"Delay": 1})
    return s3.get_object(Bucket=BUCKET, Key=made["S3Key"])["Body"].read().decode()


def authorities():
    root = created("ROOT", "Example Root")
    assert created("ROOT", "Example Root") == root, "the token means the same authority"
    installed(root, root, "RootCACertificate/V1", 3650)
    issuing = created("SUBORDINATE", "Example Issuing CA")
    assert authority_of(issuing)["Status"] == "PENDING_CERTIFICATE"
    installed(issuing, root, "SubordinateCACertificate_PathLen0/V1", 1000)
    described = authority_of(issuing)
    assert described["Status"] == "ACTIVE" and described["Type"] == "SUBORDINATE"
    assert described["NotAfter"] > datetime.datetime.now(datetime.timezone.utc)
    assert described["CertificateAuthorityConfiguration"]["Subject"] == subject("Example Issuing CA")

    # One a second: throttled at once, but boto3 waits and tries again by itself.
    named = {"CertificateAuthorityArn": issuing}
    try:
        for _ in range(20):
            once.get_certificate_authority_certificate(**named)
        raise AssertionError("never throttled")
    except ClientError as error:
        assert error.response["Error"]["Code"] == "ThrottlingException", error
    own = patient.get_certificate_authority_certificate(**named)
    assert own["CertificateChain"].startswith("-----BEGIN CERTIFICATE-----")

    pages = list(pca.get_paginator("list_certificate_authorities").paginate(PaginationConfig={"PageSize": 1}))
    listed = [authority["Arn"] for page in pages for authority in page["CertificateAuthorities"]]
    assert (len(pages), listed) == (2, [root, issuing]), listed
    refused("InvalidNextTokenException", pca.list_certificate_authorities, NextToken="nonsense")
    refused("InvalidArnException", pca.describe_certificate_authority, CertificateAuthorityArn="nonsense")
    refused("ResourceNotFoundException", pca.describe_certificate_authority, CertificateAuthorityArn=root + "0")
    refused("UnsupportedOperationException", pca.list_tags, CertificateAuthorityArn=root)
    return root, issuing


def certificates(issuing):
    csrs = [(REQUESTS / f"device-{number}.csr").read_bytes() for number in range(3)]
    kept, got = issued(issuing, csrs[0], IdempotencyToken="device-0")
    assert got["CertificateChain"].count("BEGIN CERTIFICATE") == 2
    arguments = {
        "CertificateAuthorityArn": issuing,
        "SigningAlgorithm": "SHA256WITHECDSA",
        "Validity": {"Type": "DAYS", "Value": 30},
    }
    again = pca.issue_certificate(Csr=csrs[0], IdempotencyToken="device-0", **arguments)
    assert again["CertificateArn"] == kept, "the token means the same certificate"
    refused("MalformedCSRException", pca.issue_certificate, Csr=b"nonsense", **arguments)

    revoked, _ = issued(issuing, csrs[1])
    serial = revoked.rsplit("/", 1)[1]
    named = {"CertificateAuthorityArn": issuing, "RevocationReason": "KEY_COMPROMISE"}
    pca.revoke_certificate(CertificateSerial=serial, **named)
    colons = ":".join(serial[at : at + 2] for at in range(0, 32, 2))
    refused("RequestAlreadyProcessedException", pca.revoke_certificate, CertificateSerial=colons, **named)
    refused("ResourceNotFoundException", pca.revoke_certificate, CertificateSerial="ab" * 16, **named)
    refused("InvalidRequestException", pca.revoke_certificate, CertificateSerial="zz", **named)

    pca.update_certificate_authority(CertificateAuthorityArn=issuing, Status="DISABLED")
    refused("InvalidStateException", pca.issue_certificate, Csr=csrs[2], **arguments)
    pca.update_certificate_authority(CertificateAuthorityArn=issuing, Status="ACTIVE")
    return kept, revoked


def reports(root, issuing, kept, revoked):
    rows = json.loads(report(issuing, "JSON"))
    assert [row["certificateArn"] for row in rows] == [kept, revoked], rows
    assert "revokedAt" not in rows[0] and rows[1]["revocationReason"] == "KEY_COMPROMISE"
    assert rows[0]["subject"] == "CN=device-0,O=Example Company"
    datetime.datetime.strptime(rows[1]["revokedAt"], "%Y-%m-%dT%H:%M:%S%z")
    refused(
        "RequestInProgressException",
        pca.create_certificate_authority_audit_report,
        CertificateAuthorityArn=issuing,
        S3BucketName=BUCKET,
        AuditReportResponseFormat="CSV",
    )
    rows = list(csv.DictReader(io.StringIO(report(root, "CSV"))))
    assert [row["templateArn"].removeprefix(TEMPLATES) for row in rows] == [
        "RootCACertificate/V1",
        "SubordinateCACertificate_PathLen0/V1",
    ], rows


def lists(issuing, revoked):
    key = f"crl/{issuing.rsplit('/', 1)[1]}.crl"
    serial = bytes.fromhex(revoked.rsplit("/", 1)[1])
    for _ in range(100):
        found = s3.list_objects_v2(Bucket=BUCKET, Prefix=key).get("KeyCount")
        if found and serial in s3.get_object(Bucket=BUCKET, Key=key)["Body"].read():
            return
        time.sleep(0.1)
    raise AssertionError("the CRL does not list the certificate")


def callers(issuing):
    reading = boto3.client("acm-pca", aws_access_key_id="AKIAREAD", aws_secret_access_key="any")
    reading.describe_certificate_authority(CertificateAuthorityArn=issuing)
    revoke = {"CertificateAuthorityArn": issuing, "CertificateSerial": "00", "RevocationReason": "UNSPECIFIED"}
    refused("AccessDeniedException", reading.revoke_certificate, **revoke)
    nobody = boto3.client("acm-pca", aws_access_key_id="AKIANOBODY", aws_secret_access_key="any")
    refused("UnrecognizedClientException", nobody.list_certificate_authorities)


def command_line(root, issuing):
    listed = cli("list-certificate-authorities", "--max-items", "1")
    assert listed["CertificateAuthorities"][0]["Arn"] == root and listed["NextToken"]
    named = ["--certificate-authority-arn", issuing]
    made = cli(
        *["issue-certificate", *named, "--csr", f"fileb://{REQUESTS}/device-2.csr"],
        *["--signing-algorithm", "SHA256WITHECDSA", "--validity", "Value=10,Type=DAYS"],
    )
    certificate = ["--certificate-arn", made["CertificateArn"]]
    cli("wait", "certificate-issued", *named, *certificate)
    assert cli("get-certificate", *named, *certificate)["Certificate"].startswith("-----BEGIN")
    serial = made["CertificateArn"].rsplit("/", 1)[1]
    cli("revoke-certificate", *named, "--certificate-serial", serial, "--revocation-reason", "SUPERSEDED")


def main():
    root, issuing = authorities()
    kept, revoked = certificates(issuing)
    reports(root, issuing, kept, revoked)
    lists(issuing, revoked)
    callers(issuing)
    command_line(root, issuing)


main()
