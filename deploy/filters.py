"""The alarms' metric filters, tried on events: as CloudWatch Logs documents them, a comparison with a field that is not there never holds."""

import re

TOKEN = re.compile(r'\s*(\(|\)|&&|\|\||"[^"]*"|\$[A-Za-z0-9_.]+|!=|=|NOT EXISTS|IS FALSE)')


def matches(pattern, event):
    tokens = TOKEN.findall(pattern.strip().removeprefix("{").removesuffix("}"))
    rest = "".join(tokens).replace(" ", "")
    assert rest == re.sub(r"\s", "", pattern.strip()[1:-1]), f"not understood: {pattern}"
    result, end = either(tokens, 0, event)
    assert end == len(tokens), f"not understood from {tokens[end]} on"
    return result


def either(tokens, at, event):
    result, at = both(tokens, at, event)
    while at < len(tokens) and tokens[at] == "||":
        other, at = both(tokens, at + 1, event)
        result = result or other
    return result, at


def both(tokens, at, event):
    result, at = one(tokens, at, event)
    while at < len(tokens) and tokens[at] == "&&":
        other, at = one(tokens, at + 1, event)
        result = result and other
    return result, at


def one(tokens, at, event):
    if tokens[at] == "(":
        result, at = either(tokens, at + 1, event)
        assert tokens[at] == ")"
        return result, at + 1
    found = event
    for name in tokens[at].split(".")[1:]:
        found = found.get(name) if isinstance(found, dict) else None
    sign = tokens[at + 1]
    if sign == "NOT EXISTS":
        return found is None, at + 2
    if sign == "IS FALSE":
        return found is False, at + 2
    wanted = tokens[at + 2].strip('"')
    alike = found is not None and re.fullmatch(re.escape(wanted).replace(r"\*", ".*"), str(found)) is not None
    return found is not None and (alike if sign == "=" else not alike), at + 3


def issuance(identity, **more):
    return {"eventSource": "acm-pca.amazonaws.com", "eventName": "IssueCertificate", "userIdentity": identity, **more}


def role(arn):
    return {"type": "AssumedRole", "sessionContext": {"sessionIssuer": {"type": "Role", "arn": arn}}}


def called(service, name, **more):
    return {"eventSource": f"{service}.amazonaws.com", "eventName": name, **more}


ISSUER = "arn:aws:iam::111122223333:role/service/issue"
OTHER = "arn:aws:iam::111122223333:role/issue"

# Filter, an event, whether it is told.
TRIED = [
    ("UnauthorisedIssuanceFilter", issuance(role(ISSUER)), False),
    ("UnauthorisedIssuanceFilter", issuance(role(OTHER)), True),
    ("UnauthorisedIssuanceFilter", issuance({"type": "IAMUser", "userName": "ci"}), True),
    ("UnauthorisedIssuanceFilter", issuance({"type": "Root"}), True),
    ("UnauthorisedIssuanceFilter", issuance({"type": "AWSAccount", "accountId": "999988887777"}), True),
    ("UnauthorisedIssuanceFilter", issuance({"type": "IAMUser", "invokedBy": "acm.amazonaws.com"}), True),
    ("UnauthorisedIssuanceFilter", issuance(role(OTHER), errorCode="AccessDeniedException"), False),
    ("UnauthorisedIssuanceFilter", called("acm-pca", "GetCertificate", userIdentity=role(OTHER)), False),
    ("DeniedIssuanceFilter", issuance(role(OTHER), errorCode="AccessDeniedException"), True),
    ("DeniedIssuanceFilter", issuance(role(ISSUER)), False),
    ("AuthorityChangedFilter", called("acm-pca", "DeleteCertificateAuthority"), True),
    ("AuthorityChangedFilter", called("acm-pca", "UpdateCertificateAuthority"), True),
    ("AuthorityChangedFilter", called("acm-pca", "UpdateCertificateAuthority", errorCode="AccessDeniedException"), False),
    ("TrailChangedFilter", called("cloudtrail", "StopLogging"), True),
    ("TrailChangedFilter", called("cloudtrail", "PutEventSelectors", errorCode="AccessDenied"), True),
    ("TrailChangedFilter", called("cloudtrail", "LookupEvents"), False),
    ("EvidenceChangedFilter", called("s3", "PutBucketPolicy", readOnly=False, requestParameters={"bucketName": "countersign-trail-1-eu"}), True),
    ("EvidenceChangedFilter", called("s3", "PutBucketPolicy", requestParameters={"bucketName": "countersign-ledger-1-eu"}), True),
    ("EvidenceChangedFilter", called("s3", "GetBucketPolicy", readOnly=True, requestParameters={"bucketName": "countersign-trail-1-eu"}), False),
    ("EvidenceChangedFilter", called("s3", "PutBucketPolicy", readOnly=False, requestParameters={"bucketName": "pictures"}), False),
    ("KeyChangedFilter", called("kms", "ScheduleKeyDeletion"), True),
    ("KeyChangedFilter", called("kms", "Decrypt"), False),
]


def say(pattern_of):
    """What is wrong; `pattern_of` gives a filter's pattern for a list of issuers."""
    wrong = []
    for name, event, told in TRIED:
        if matches(pattern_of(name, [ISSUER, OTHER + "/second"]), event) != told:
            wrong.append(f"evidence.yaml/{name}: {event} must {'' if told else 'not '}be told")
    longest = len(pattern_of("UnauthorisedIssuanceFilter", [f"{ISSUER}-{n}" for n in range(5)]))
    if longest > 1024:
        wrong.append(f"evidence.yaml/UnauthorisedIssuanceFilter: five issuers make {longest} characters, 1024 are the most")
    return wrong
