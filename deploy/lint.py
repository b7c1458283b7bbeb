"""Holds the templates against cfn-lint, checkov and parliament. Runs where requirements.txt is installed: cargo xtask test templates."""

import json
import re
import subprocess
import sys
from pathlib import Path

import filters
import parliament
from cfnlint.decode import cfn_yaml

HERE = Path(__file__).parent
TEMPLATES = sorted(HERE.glob("*.yaml"))

# What parliament says and is meant, each with its reason; the place is template, resource and statement.
MEANT = {
    ("RESOURCE_STAR", "console.yaml/ConsoleBoundary/AtMost"): "a boundary gives nothing",
    ("RESOURCE_STAR", "console.yaml/RevokeBoundary/AtMost"): "a boundary gives nothing",
    ("RESOURCE_STAR", "console.yaml/ProvisioningBoundary/WhatTheirOwnPoliciesGive"): "a boundary gives nothing",
    ("MISMATCHED_TYPE_BUT_USABLE", "console.yaml/IssueRole/Issues"): "as AWS's own AWSPrivateCAUser has it",
    ("MISMATCHED_TYPE_BUT_USABLE", "console.yaml/GuardDeny/DevicesOnly"): "as AWS's own AWSPrivateCAUser has it",
}


# Conditions that do not hold where a template's values are asked for.
OFF = {"Acm"}


def value(node, template):
    """A template's value with a plausible one in the place of each reference."""
    if isinstance(node, dict):
        if len(node) == 1:
            ((name, of),) = node.items()
            if name == "Ref":
                return reference(of, template)
            if name == "Fn::GetAtt":
                of = of if isinstance(of, list) else of.split(".")
                return arn(template["Resources"][of[0]]["Type"], of[0])
            if name == "Fn::Sub":
                return substitute(of, template)
            if name == "Fn::Join":
                return of[0].join(str(part) for part in value(of[1], template))
            if name == "Fn::If":
                return value(of[2 if of[0] in OFF else 1], template)
        return {key: value(inner, template) for key, inner in node.items()}
    if isinstance(node, list):
        flat = []
        for inner in (value(inner, template) for inner in node):
            flat.extend(inner if isinstance(inner, list) else [inner])
        return flat
    return node


def reference(name, template):
    pseudo = {"AWS::AccountId": "111122223333", "AWS::Region": "eu-central-1", "AWS::Partition": "aws"}
    if name in pseudo:
        return pseudo[name]
    if name in template["Resources"]:
        return arn(template["Resources"][name]["Type"], name)
    parameter = template["Parameters"][name]
    if "Account" in name:
        return "444455556666"
    if name == "AuthorityArns":
        return ["arn:aws:acm-pca:eu-central-1:444455556666:certificate-authority/11223344-1234-1122-2233-112233445566"]
    if name in ("ProvisionerArns", "AuditorArns"):
        return ["arn:aws:iam::444455556666:role/somebody"]
    if name.endswith("TableArn"):
        return "arn:aws:dynamodb:eu-central-1:111122223333:table/" + name.lower()
    if name.endswith("KeyArn"):
        return "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    if name.endswith("TopicArn"):
        return "arn:aws:sns:eu-central-1:111122223333:" + name.lower()
    if name.endswith(("SecretArn", "SecretsArn")):
        return "arn:aws:secretsmanager:eu-central-1:111122223333:secret:somewhat"
    default = str(parameter.get("Default", ""))
    if parameter["Type"] == "CommaDelimitedList":
        return default.split(",")
    return default or name.lower()


def arn(kind, name):
    """Of a resource of the template. Ref of a bucket is its name; in ARNs that does as well."""
    name = name.lower()
    return {
        "AWS::S3::Bucket": f"arn:aws:s3:::{name}",
        "AWS::KMS::Key": "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        "AWS::SNS::Topic": f"arn:aws:sns:eu-central-1:111122223333:{name}",
        "AWS::IAM::Role": f"arn:aws:iam::111122223333:role/{name}",
        "AWS::Logs::LogGroup": f"arn:aws:logs:eu-central-1:111122223333:log-group:{name}:*",
        "AWS::ECS::Cluster": f"arn:aws:ecs:eu-central-1:111122223333:cluster/{name}",
        "AWS::DynamoDB::Table": f"arn:aws:dynamodb:eu-central-1:111122223333:table/{name}",
    }.get(kind, name)


def substitute(text, template):
    def one(found):
        of = found.group(1)
        if "." in of:
            return arn(template["Resources"][of.split(".")[0]]["Type"], of.split(".")[0])
        return str(reference(of, template))

    return re.sub(r"\$\{([^}]+)\}", one, text)


def policies(template):
    """Name of the resource and a policy of it: of identities; those of resources and trusts are checkov's."""
    for name, resource in template["Resources"].items():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::IAM::ManagedPolicy":
            yield name, properties["PolicyDocument"]
        for policy in properties.get("Policies", []) if resource["Type"] == "AWS::IAM::Role" else []:
            yield name, policy["PolicyDocument"]


def parliament_says(path, used):
    template = cfn_yaml.load(str(path))
    template = json.loads(json.dumps(template, default=str))
    count, said = 0, []
    for name, policy in policies(template):
        for statement in policy["Statement"]:
            statement = value(statement, template)
            place = f"{path.name}/{name}/{statement['Sid']}"
            count += 1
            alone = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
            for finding in parliament.analyze_policy_string(alone).findings:
                if (finding.issue, place) in MEANT:
                    used.add((finding.issue, place))
                else:
                    said.append(f"{place}: {finding.issue} {finding.title} {finding.detail}")
    return count, said


def filter_of(template):
    """The pattern of a metric filter of the evidence, for a list of issuers."""

    def pattern(name, issuers):
        template["Parameters"]["AuthorisedIssuers"]["Default"] = ",".join(issuers)
        return value(template["Resources"][name]["Properties"]["FilterPattern"], template)

    return pattern


def main():
    bin = Path(sys.executable).parent
    failed = subprocess.run([bin / "cfn-lint", "--", *TEMPLATES]).returncode != 0
    checkov = [bin / "checkov", "--skip-download", "--quiet", "--compact", "--framework", "cloudformation"]
    failed |= subprocess.run([*checkov, "-f", *TEMPLATES]).returncode != 0
    statements, used = 0, set()
    for path in TEMPLATES:
        count, said = parliament_says(path, used)
        statements += count
        for line in said:
            print(line)
        failed |= bool(said)
    wrong = filters.say(filter_of(json.loads(json.dumps(cfn_yaml.load(str(HERE / "evidence.yaml")), default=str))))
    for line in wrong:
        print(line)
    failed |= bool(wrong)
    for issue, place in MEANT.keys() - used:
        print(f"{place}: parliament no longer says {issue}: remove it from MEANT")
        failed = True
    print(f"parliament: {statements} statements; filters: {len(filters.TRIED)} events")
    sys.exit(failed)


if __name__ == "__main__":
    main()
