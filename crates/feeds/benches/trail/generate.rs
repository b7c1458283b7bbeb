//! Log files as a busy account has them: nearly all records are of other services, three in a hundred of Private CA.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use flate2::Compression;
use flate2::write::GzEncoder;

/// Records in a file: about 7 MB of JSON.
const RECORDS: usize = 5000;
const CA: &str =
    "arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/11223344-1234-1122-2233-112233445566";

/// Numbers that look random and are the same at every run (splitmix64).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, most: u64) -> u64 {
        self.next() % most
    }

    fn uuid(&mut self) -> String {
        let (high, low) = (self.next(), self.next());
        format!(
            "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
            high >> 32,
            high & 0xffff,
            low >> 52,
            (low >> 40) & 0xfff,
            low & 0xffff_ffff_ffff
        )
    }
}

/// Makes files of so many bytes altogether, unless they are there already.
pub fn files(folder: &Path, bytes: u64) -> io::Result<()> {
    let complete = folder.join("complete");
    if complete.exists() {
        return Ok(());
    }
    fs::create_dir_all(folder)?;
    eprintln!("generating {} MB of log files, once", bytes / 1_000_000);
    let (next, written) = (AtomicUsize::new(0), AtomicU64::new(0));
    let work = || -> io::Result<()> {
        while written.load(Ordering::Relaxed) < bytes {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let (hour, minute) = (number / 60 % 24, number % 60);
            let name = format!("111122223333_CloudTrail_eu-central-1_20251101T{hour:02}{minute:02}Z");
            let path = folder.join(format!("{name}_{number:016}.json.gz"));
            written.fetch_add(file(&path, number as u64)?, Ordering::Relaxed);
        }
        Ok(())
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| -> io::Result<()> {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        running.into_iter().try_for_each(|thread| thread.join().map_err(|_| io::Error::other("a panic"))?)
    })?;
    fs::write(complete, "")
}

/// Where CloudTrail would put the files of one day.
pub const FOLDER: &str = "AWSLogs/111122223333/CloudTrail/eu-central-1/2025/11/01";

/// One file; its length.
fn file(path: &Path, number: u64) -> io::Result<u64> {
    let mut numbers = Numbers(number.wrapping_mul(0x5851_f42d_4c95_7f2d));
    let mut to = GzEncoder::new(BufWriter::new(File::create(path)?), Compression::default());
    to.write_all(b"{\"Records\":[")?;
    for record in 0..RECORDS {
        if record > 0 {
            to.write_all(b",")?;
        }
        to.write_all(self::record(&mut numbers).as_bytes())?;
    }
    to.write_all(b"]}")?;
    to.finish()?.flush()?;
    Ok(fs::metadata(path)?.len())
}

fn record(n: &mut Numbers) -> String {
    let (source, name, request, response) = match n.below(100) {
        0..2 => (
            "acm-pca",
            "IssueCertificate",
            issue(n),
            format!("{{\"certificateArn\":\"{CA}/certificate/{:016x}{:016x}\"}}", n.next() >> 1, n.next()),
        ),
        2..3 => (
            "acm-pca",
            "GetCertificate",
            format!(
                "{{\"certificateAuthorityArn\":\"{CA}\",\"certificateArn\":\"{CA}/certificate/{:016x}\"}}",
                n.next()
            ),
            "null".to_owned(),
        ),
        3..30 => ("s3", "GetObject", object(n), "{\"x-amz-server-side-encryption\":\"aws:kms\"}".to_owned()),
        30..45 => (
            "kms",
            "Decrypt",
            format!(
                "{{\"encryptionContext\":{{\"aws:s3:arn\":\"arn:aws:s3:::data-{}/part-{:08}.parquet\"}},\"encryptionAlgorithm\":\"SYMMETRIC_DEFAULT\"}}",
                n.below(40),
                n.below(99_999_999)
            ),
            "null".to_owned(),
        ),
        45..65 => ("sts", "AssumeRole", assume(n), credentials(n)),
        65..75 => (
            "logs",
            "CreateLogStream",
            format!(
                "{{\"logGroupName\":\"/aws/lambda/function-{}\",\"logStreamName\":\"2026/11/22/[$LATEST]{:032x}\"}}",
                n.below(300),
                n.next()
            ),
            "null".to_owned(),
        ),
        75..85 => (
            "ec2",
            "DescribeInstances",
            format!(
                "{{\"maxResults\":1000,\"instancesSet\":{{\"items\":[{{\"instanceId\":\"i-{:017x}\"}}]}},\"filterSet\":{{}}}}",
                n.next() >> 4
            ),
            "null".to_owned(),
        ),
        85..95 => (
            "dynamodb",
            "GetItem",
            format!(
                "{{\"tableName\":\"devices-{}\",\"key\":{{\"device_id\":\"sensor-{:07}\"}},\"consistentRead\":true}}",
                n.below(20),
                n.below(9_999_999)
            ),
            "null".to_owned(),
        ),
        _ => ("iam", "PutRolePolicy", policy(n), "null".to_owned()),
    };
    let role = ["provisioning", "deployment", "analytics", "backup", "monitoring"][n.below(5) as usize];
    let session = n.below(500);
    let invoked =
        if source == "kms" && n.below(3) == 0 { ",\"invokedBy\":\"cloudtrail.amazonaws.com\"" } else { "" };
    format!(
        "{{\"eventVersion\":\"1.11\",\"userIdentity\":{{\"type\":\"AssumedRole\",\"principalId\":\"AROAEXAMPLE{role}:session-{session}\",\
         \"arn\":\"arn:aws:sts::111122223333:assumed-role/{role}/session-{session}\",\"accountId\":\"111122223333\",\"accessKeyId\":\"ASIA{:016X}\",\
         \"sessionContext\":{{\"sessionIssuer\":{{\"type\":\"Role\",\"principalId\":\"AROAEXAMPLE{role}\",\"arn\":\"arn:aws:iam::111122223333:role/service/{role}\",\
         \"accountId\":\"111122223333\",\"userName\":\"{role}\"}},\"attributes\":{{\"creationDate\":\"2026-11-22T08:{:02}:{:02}Z\",\"mfaAuthenticated\":\"false\"}}}}{invoked}}},\
         \"eventTime\":\"2026-11-22T09:{:02}:{:02}Z\",\"eventSource\":\"{source}.amazonaws.com\",\"eventName\":\"{name}\",\"awsRegion\":\"eu-central-1\",\
         \"sourceIPAddress\":\"10.{}.{}.{}\",\"userAgent\":\"aws-sdk-java/2.29.{} md/io#sync md/http#Apache ua/2.1 os/Linux#6.1.{} lang/java#21.0.5 md/OpenJDK_64-Bit_Server_VM\",\
         \"requestParameters\":{request},\"responseElements\":{response},\"requestID\":\"{}\",\"eventID\":\"{}\",\"readOnly\":{},\
         \"resources\":[{{\"accountId\":\"111122223333\",\"type\":\"AWS::Some::Resource\",\"ARN\":\"arn:aws:{source}:eu-central-1:111122223333:resource/{:016x}\"}}],\
         \"eventType\":\"AwsApiCall\",\"managementEvent\":true,\"recipientAccountId\":\"111122223333\",\"eventCategory\":\"Management\",\
         \"tlsDetails\":{{\"tlsVersion\":\"TLSv1.3\",\"cipherSuite\":\"TLS_AES_128_GCM_SHA256\",\"clientProvidedHostHeader\":\"{source}.eu-central-1.amazonaws.com\"}}}}",
        n.next(),
        n.below(60),
        n.below(60),
        n.below(60),
        n.below(60),
        n.below(256),
        n.below(256),
        n.below(256),
        n.below(60),
        n.below(120),
        n.uuid(),
        n.uuid(),
        source != "iam",
        n.next()
    )
}

/// With the CSR as CloudTrail writes it: a list of its bytes.
fn issue(n: &mut Numbers) -> String {
    let csr: Vec<String> = (0..900).map(|_| (43 + n.below(80)).to_string()).collect();
    format!(
        "{{\"certificateAuthorityArn\":\"{CA}\",\"csr\":{{\"hb\":[{}],\"offset\":0,\"isReadOnly\":false,\"bigEndian\":true,\"mark\":-1,\"position\":900,\"limit\":900}},\
         \"signingAlgorithm\":\"SHA256WITHECDSA\",\"templateArn\":\"arn:aws:acm-pca:::template/EndEntityCertificate/V1\",\"validity\":{{\"value\":365,\"type\":\"DAYS\"}}}}",
        csr.join(",")
    )
}

fn object(n: &mut Numbers) -> String {
    format!(
        "{{\"bucketName\":\"data-{bucket}\",\"Host\":\"data-{bucket}.s3.eu-central-1.amazonaws.com\",\"key\":\"year=2026/month=11/part-{:08}.parquet\"}}",
        n.below(99_999_999),
        bucket = n.below(40)
    )
}

fn assume(n: &mut Numbers) -> String {
    format!(
        "{{\"roleArn\":\"arn:aws:iam::111122223333:role/service/role-{}\",\"roleSessionName\":\"session-{}\",\"durationSeconds\":3600,\"policy\":\"{{\\\"Version\\\":\\\"2012-10-17\\\",\\\"Statement\\\":[{{\\\"Effect\\\":\\\"Allow\\\",\\\"Action\\\":\\\"s3:GetObject\\\",\\\"Resource\\\":\\\"*\\\"}}]}}\"}}",
        n.below(50),
        n.below(500)
    )
}

fn credentials(n: &mut Numbers) -> String {
    let token: String = (0..12).map(|_| format!("{:016X}", n.next())).collect();
    format!(
        "{{\"credentials\":{{\"accessKeyId\":\"ASIA{:016X}\",\"sessionToken\":\"{token}\",\"expiration\":\"Nov 22, 2026, 10:00:00 AM\"}}}}",
        n.next()
    )
}

fn policy(n: &mut Numbers) -> String {
    let statement = "{\\\"Effect\\\":\\\"Allow\\\",\\\"Action\\\":[\\\"acm-pca:GetCertificate\\\",\\\"s3:PutObject\\\"],\\\"Resource\\\":\\\"*\\\"},";
    format!(
        "{{\"roleName\":\"role-{}\",\"policyName\":\"inline\",\"policyDocument\":\"{{\\\"Statement\\\":[{}]}} \\u003c{}\\u003e\"}}",
        n.below(50),
        statement.repeat(6),
        n.below(1000)
    )
}
