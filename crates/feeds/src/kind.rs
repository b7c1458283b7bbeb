//! What a file is, by its beginning: whatever is taken for a report or an inventory is recognised before it is read.

use serde_json::Value;

/// How much of a file is looked at, in bytes.
pub const HEAD: u64 = 8 * 1024;

/// A kind of file that people have at hand here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An audit report in JSON, whose rows may all be missing.
    Report,
    /// Another list in JSON.
    List,
    /// Text with commas; whether it is a report is said by its header.
    Csv,
    /// Lines `{"Item": …}` of a full export from DynamoDB.
    Export,
    /// Lines with `NewImage`, `OldImage` or `Keys`.
    IncrementalExport,
    /// An export in Amazon Ion.
    Ion,
    /// What `aws dynamodb scan` or `query` prints.
    Scan,
    /// Items one after the other or in a list, with the types of DynamoDB or without them.
    Items,
    ManifestSummary,
    ManifestFiles,
    LogFile,
    Digest,
    PublicKeys,
    /// Text with another separator than the comma.
    Separated(char),
    /// Text whose lines end in CR alone, as old Macintosh programs write it.
    CarriageReturns,
    /// What the AWS CLI prints with `--output text`, `table` or `yaml`.
    CliText,
    /// A workbook of a spreadsheet program, or another ZIP archive.
    Workbook,
    Parquet,
    /// HTML or XML: often the error of a server.
    Markup,
    Empty,
    Unknown,
}

impl Kind {
    /// Of a file that begins with these bytes, in UTF-8.
    pub fn of(head: &[u8]) -> Self {
        let text = head.trim_ascii_start();
        match text {
            [] => Self::Empty,
            [0xe0, 1, 0, 0xea, ..] => Self::Ion,
            // What is gzip at first sight has been unpacked.
            [0x1f, 0x8b, ..]
            | [0x28, 0xb5, 0x2f, 0xfd, ..]
            | [b'B', b'Z', b'h', ..]
            | [0xfd, b'7', b'z', ..] => Self::Workbook,
            [b'P', b'K', 3 | 5, ..] | [0xd0, 0xcf, 0x11, 0xe0, ..] => Self::Workbook,
            [b'P', b'A', b'R', b'1', ..] => Self::Parquet,
            [b'<', ..] => Self::Markup,
            [b'$', ..] if text.starts_with(b"$ion_1_0") => Self::Ion,
            [b'[', rest @ ..] => match rest.trim_ascii_start() {
                [] | [b']', ..] => Self::Report,
                element => match element.first() {
                    Some(b'{') => Self::of_list(element),
                    _ => Self::List,
                },
            },
            [b'{', ..] => Self::of_object(text),
            _ => Self::of_text(text),
        }
    }

    fn of_list(element: &[u8]) -> Self {
        let keys = keys(element);
        let has = |any: &[&str]| keys.iter().any(|key| any.contains(&key.as_str()));
        match () {
            () if has(&IN_ITEM) || has(&["Item"]) => Self::Items,
            () if has(&IN_ROW) => Self::Report,
            () => Self::List,
        }
    }

    fn of_object(text: &[u8]) -> Self {
        let keys = keys(text);
        let has = |any: &[&str]| keys.iter().any(|key| any.contains(&key.as_str()));
        match () {
            () if has(&["Item"]) => Self::Export,
            () if has(&["NewImage", "OldImage", "Keys"]) => Self::IncrementalExport,
            () if has(&["Items", "ScannedCount"]) => Self::Scan,
            () if has(&["Records"]) => Self::LogFile,
            () if has(&["digestS3Object", "digestStartTime"]) => Self::Digest,
            () if has(&["PublicKeyList"]) => Self::PublicKeys,
            () if has(&["manifestFilesS3Key", "exportArn"]) => Self::ManifestSummary,
            () if has(&["dataFileS3Key"]) => Self::ManifestFiles,
            () if has(&IN_ITEM) => Self::Items,
            () => Self::Unknown,
        }
    }

    fn of_text(text: &[u8]) -> Self {
        let end = text.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(text.len());
        let (line, rest) = text.split_at(end);
        let second = rest.trim_ascii_start();
        if line.starts_with(b"-----") && second.starts_with(b"|")
            || second.starts_with(b"ITEMS")
            || [b"ConsumedCapacity:".as_slice(), b"Count:", b"Items:", b"- ConsumedCapacity:"]
                .iter()
                .any(|begin| line.starts_with(begin))
        {
            return Self::CliText;
        }
        if rest.len() > 1 && rest[0] == b'\r' && rest[1] != b'\n' {
            return Self::CarriageReturns;
        }
        if let Some(separator) = line.strip_prefix(b"sep=") {
            return match separator.first() {
                None | Some(b',') => Self::Csv,
                Some(other) => Self::Separated(char::from(*other)),
            };
        }
        let count = |wanted: u8| line.iter().filter(|byte| **byte == wanted).count();
        let most = [b',', b';', b'\t', b'|']
            .into_iter()
            .max_by_key(|separator| (count(*separator), *separator == b','));
        match most.filter(|separator| count(*separator) > 0 && std::str::from_utf8(line).is_ok()) {
            Some(b',') => Self::Csv,
            Some(other) => Self::Separated(char::from(other)),
            None => Self::Unknown,
        }
    }

    /// "this is …".
    pub fn label(self) -> String {
        match self {
            Self::Report => "an audit report in JSON".to_owned(),
            Self::List => "a list in JSON without device_id, cert_serial and ca_arn".to_owned(),
            Self::Csv => "CSV".to_owned(),
            Self::Export => "a file of a full export from DynamoDB".to_owned(),
            Self::IncrementalExport => {
                "an incremental export from DynamoDB: it has what changed, not what is there".to_owned()
            }
            Self::Ion => "an export in Amazon Ion".to_owned(),
            Self::Scan => "what `aws dynamodb scan` or `query` prints".to_owned(),
            Self::Items => "a list of items of a table".to_owned(),
            Self::ManifestSummary | Self::ManifestFiles => "a manifest of an export from DynamoDB".to_owned(),
            Self::LogFile => "a log file of CloudTrail".to_owned(),
            Self::Digest => "a digest of CloudTrail".to_owned(),
            Self::PublicKeys => "a list of CloudTrail's public keys".to_owned(),
            Self::Separated('\t') => "text with tabs instead of commas, as a spreadsheet saves it".to_owned(),
            Self::Separated(other) => {
                format!(
                    "text with `{}` instead of `,`, as a spreadsheet saves it",
                    domain::foreign::line(&other.to_string())
                )
            }
            Self::CarriageReturns => "text whose lines end in CR alone, as old programs save it".to_owned(),
            Self::CliText => "what the AWS CLI prints as text, table or YAML".to_owned(),
            Self::Workbook => "a workbook of a spreadsheet, or an archive".to_owned(),
            Self::Parquet => "a Parquet file".to_owned(),
            Self::Markup => "HTML or XML".to_owned(),
            Self::Empty => "empty".to_owned(),
            Self::Unknown => "nothing that is known here".to_owned(),
        }
    }

    /// What to do with a file of this kind that was given as a report.
    pub fn remedy_for_report(self) -> &'static str {
        match self {
            Self::Export | Self::Scan | Self::IncrementalExport | Self::Ion | Self::Items | Self::CliText => {
                "It belongs to the inventory (--inventory)."
            }
            Self::LogFile | Self::Digest => "It belongs to the trail: give its folder with --trail.",
            Self::PublicKeys => "Give it with --public-keys.",
            _ => "Give the audit report, JSON or CSV, as AWS Private CA wrote it to S3.",
        }
    }

    /// What to do with a file of this kind that was given as an inventory.
    pub fn remedy_for_inventory(self) -> &'static str {
        match self {
            Self::IncrementalExport => "Ask DynamoDB for a full export, in DYNAMODB_JSON.",
            Self::ManifestSummary | Self::ManifestFiles => {
                "Give the folder that it is in: the export is then taken whole."
            }
            Self::Report => "It looks like a report: that belongs to --report.",
            Self::LogFile | Self::Digest => "It belongs to the trail: give its folder with --trail.",
            Self::PublicKeys => "Give it with --public-keys.",
            Self::CliText => "Ask the CLI once more, with --output json.",
            Self::CarriageReturns => "Save it as CSV in UTF-8.",
            _ => "Export the table to S3 in DYNAMODB_JSON, or save what `aws dynamodb scan` prints.",
        }
    }
}

/// What tells a row of a report.
const IN_ROW: [&str; 4] = ["certificateArn", "awsAccountId", "serial", "issuedAt"];

/// What tells an item, with or without types.
const IN_ITEM: [&str; 3] = ["device_id", "cert_serial", "ca_arn"];

/// The keys of the object that a text begins with, as far as the text goes.
fn keys(text: &[u8]) -> Vec<String> {
    let (mut keys, mut depth, mut at) = (Vec::new(), 0_u32, 0);
    while let Some(byte) = text.get(at) {
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    break;
                }
            }
            b'"' => {
                let Some(length) = string(&text[at..]) else { break };
                let end = at + length;
                let is_key = depth == 1 && text[end..].trim_ascii_start().first() == Some(&b':');
                if let Some(Value::String(key)) =
                    is_key.then(|| serde_json::from_slice(&text[at..end]).ok()).flatten()
                {
                    keys.push(key);
                }
                at = end;
                continue;
            }
            _ => (),
        }
        at += 1;
    }
    keys
}

/// The length of the string that a text begins with, with its quotes; `None`: it does not end.
fn string(text: &[u8]) -> Option<usize> {
    let mut escaped = false;
    for (at, byte) in text.iter().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(at + 1),
            _ => (),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn files_are_told_by_their_beginning() {
        for (head, kind) in [
            ("", Kind::Empty),
            (" \n", Kind::Empty),
            ("[]", Kind::Report),
            ("[\n {\"awsAccountId\": \"1\", \"serial\": \"00\"", Kind::Report),
            ("[{\"device_id\": \"a\"}]", Kind::Items),
            ("{\"Item\": {\"Items\": {\"S\": \"x\"}}}", Kind::Export),
            ("{\"Metadata\": {\"Item\": 1}, \"Keys\": {}", Kind::IncrementalExport),
            ("{\n  \"Items\": [", Kind::Scan),
            ("{\"Count\": 2, \"ScannedCount\": 2, \"Items\":", Kind::Scan),
            ("{\"device_id\": \"Item\"}", Kind::Items),
            ("$ion_1_0 {Item:{", Kind::Ion),
            ("{\"Records\":[", Kind::LogFile),
            ("{\"awsAccountId\":\"1\",\"digestStartTime\":\"x\"", Kind::Digest),
            ("{\"PublicKeyList\": []}", Kind::PublicKeys),
            ("{\"version\":\"1\",\"exportArn\":\"x\"}", Kind::ManifestSummary),
            ("{\"itemCount\":2,\"dataFileS3Key\":\"x\"}", Kind::ManifestFiles),
            ("{\"rows\": []}", Kind::Unknown),
            ("awsAccountId,serial\n;;;", Kind::Csv),
            ("awsAccountId;serial\n1,2,3,4", Kind::Separated(';')),
            ("sep=;\na;b", Kind::Separated(';')),
            ("sep=,\na,b", Kind::Csv),
            ("[{\"Item\": {\"a\": 1}}]", Kind::Items),
            ("[{\"deviceId\": 1}]", Kind::List),
            ("[[1]]", Kind::List),
            ("a,b\rc,d", Kind::CarriageReturns),
            ("----------\n|  Scan  |", Kind::CliText),
            ("2\tNone\t2\nITEMS\nCA_ARN\tarn", Kind::CliText),
            ("ConsumedCapacity: null\nCount: 2\nItems:\n- ca_arn:", Kind::CliText),
            ("a\tb", Kind::Separated('\t')),
            ("PK\u{3}\u{4}x", Kind::Workbook),
            ("BZh91AY", Kind::Workbook),
            ("PAR1", Kind::Parquet),
            ("<html>", Kind::Markup),
            ("xxxx", Kind::Unknown),
        ] {
            let found = Kind::of(head.as_bytes());
            assert_eq!(found, kind, "{head}");
            assert!(!found.label().is_empty());
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200), text in "[\\[\\]{}\",:;\\\\a-z ]{0,80}") {
            for head in [bytes.as_slice(), text.as_bytes()] {
                let kind = Kind::of(head);
                let _ = (kind.label(), kind.remedy_for_report(), kind.remedy_for_inventory());
            }
        }
    }
}
