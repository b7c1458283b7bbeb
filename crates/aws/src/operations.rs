//! What each operation needs: permissions of IAM, and what they are given on. The one list of what this crate calls. Without imports, as
//! the lints of xtask read it as well: they hold it, and the roles of deploy/console.yaml, to the sources in both directions.

/// What permissions are given on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    Authority,
    Bucket,
    /// A key of AWS KMS.
    Key,
    /// The objects of a bucket below a folder.
    Objects,
    Stream,
    Table,
    /// A table and its index.
    Index,
    /// A topic of SNS.
    Topic,
    /// It has no ARN.
    Everything,
}

/// `SERVICE:OPERATION`, its permissions, what they are given on.
pub const OPERATIONS: &[(&str, &[&str], On)] = &[
    ("acm-pca:CreateCertificateAuthorityAuditReport", &[], On::Authority),
    ("acm-pca:DescribeCertificateAuthority", &[], On::Authority),
    ("acm-pca:DescribeCertificateAuthorityAuditReport", &[], On::Authority),
    ("acm-pca:GetCertificate", &[], On::Authority),
    ("acm-pca:GetCertificateAuthorityCertificate", &[], On::Authority),
    ("acm-pca:RevokeCertificate", &[], On::Authority),
    ("cloudtrail:ListPublicKeys", &[], On::Everything),
    ("dynamodb:BatchGetItem", &[], On::Table),
    ("dynamodb:BatchWriteItem", &[], On::Table),
    ("dynamodb:CreateTable", &[], On::Table),
    ("dynamodb:DeleteItem", &[], On::Table),
    ("dynamodb:DescribeContinuousBackups", &[], On::Table),
    ("dynamodb:DescribeStream", &[], On::Stream),
    ("dynamodb:DescribeTable", &[], On::Table),
    ("dynamodb:DescribeTimeToLive", &[], On::Table),
    ("dynamodb:GetItem", &[], On::Table),
    ("dynamodb:GetRecords", &[], On::Stream),
    ("dynamodb:GetShardIterator", &[], On::Stream),
    ("dynamodb:Query", &[], On::Index),
    ("dynamodb:Scan", &[], On::Table),
    (
        "dynamodb:TransactWriteItems",
        &["dynamodb:ConditionCheckItem", "dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
        On::Table,
    ),
    ("dynamodb:UpdateContinuousBackups", &[], On::Table),
    ("dynamodb:UpdateItem", &[], On::Table),
    ("dynamodb:UpdateTable", &[], On::Table),
    ("dynamodb:UpdateTimeToLive", &[], On::Table),
    ("kms:GetPublicKey", &[], On::Key),
    ("kms:Sign", &[], On::Key),
    ("s3:GetBucketPolicy", &[], On::Bucket),
    ("s3:GetBucketVersioning", &[], On::Bucket),
    ("s3:GetObject", &[], On::Objects),
    ("s3:GetObjectLockConfiguration", &["s3:GetBucketObjectLockConfiguration"], On::Bucket),
    ("s3:ListObjectsV2", &["s3:ListBucket"], On::Bucket),
    ("s3:PutObject", &[], On::Objects),
    ("sns:Publish", &[], On::Topic),
];

/// The permissions of an operation: nearly always one of its own name.
pub fn permissions(operation: &str) -> Vec<&str> {
    let listed =
        OPERATIONS.iter().find(|(name, ..)| *name == operation).map_or(&[][..], |(_, listed, _)| *listed);
    if listed.is_empty() { vec![operation] } else { listed.to_vec() }
}
