//! The arguments of the commands about the ledger's log.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::SignIns;

#[derive(Subcommand)]
pub enum Ledger {
    /// Verify a whole log: its checkpoint's signature, each file by the entries, and that it goes on from what somebody has kept.
    Verify(Box<VerifyLedger>),
    /// Look at a log for somebody outside: that its checkpoint goes on from the last one seen here, and cosign it.
    Witness(Witness),
    /// Make a key that signs a log, or take one of AWS KMS, and print its public half.
    Key(LogKey),
    /// Verify the proof of one entry, as the ledger's page gives it, without AWS and network.
    Proof(EntryProof),
}

/// A log, and where to find it.
#[derive(Args)]
pub struct LogPlace {
    /// A folder with the log's files, as `aws s3 sync` makes it, or s3://BUCKET/PREFIX.
    pub log: String,
    /// A file with the log's public keys, one a line: the one that signs, and those that did before.
    #[arg(long)]
    pub key: PathBuf,
    /// The bucket's Region.
    #[arg(long, env = "AWS_REGION", default_value = "us-east-1")]
    pub region: String,
}

#[derive(Args)]
#[command(after_help = "Exit status: 0 whole, 2 not whole, 1 could not run.")]
pub struct VerifyLedger {
    #[command(flatten)]
    pub place: LogPlace,
    /// A file with public keys of witnesses, one a line: one of them must have cosigned the checkpoint of --since, or the log's.
    #[arg(long)]
    pub witness: Option<PathBuf>,
    /// A checkpoint that was kept, such as a witness's: the log must go on from it.
    #[arg(long)]
    pub since: Option<PathBuf>,
    /// A folder with decisions (*.json) as the pages of their requests give them: each decision in the log, and each request
    /// that was asked for by a sign-in, must be there, and proven by its ID token.
    #[arg(long)]
    pub decisions: Option<PathBuf>,
    /// The identity provider's keys: what its `jwks_uri` answered [default: those that the log says were seen].
    #[arg(long, requires = "decisions")]
    pub provider_keys: Option<PathBuf>,
    #[command(flatten)]
    pub sign_ins: SignIns,
    /// An audit report, JSON or CSV, as it was downloaded: what it has as revoked must be in the log, and the other way round.
    #[arg(long)]
    pub report: Option<PathBuf>,
    /// A folder with the trail's log files: each RevokeCertificate must be in the log, and the other way round.
    #[arg(long)]
    pub trail: Option<PathBuf>,
}

#[derive(Args)]
#[command(
    after_help = "Exit status: 0 the log goes on, 2 it does not, or is not to be believed, 1 could not run."
)]
pub struct Witness {
    #[command(flatten)]
    pub place: LogPlace,
    /// The folder with the witness's own key and the last checkpoint that it cosigned. It is made at the first look.
    #[arg(long)]
    pub state: PathBuf,
    /// Leave the cosigned checkpoint beside the log as well (witness/ID), where the console's pages look for it.
    #[arg(long)]
    pub publish: bool,
    /// The witness's name, at the first look.
    #[arg(long, default_value = "witness")]
    pub name: String,
}

#[derive(Args)]
#[command(group = clap::ArgGroup::new("place").required(true))]
pub struct LogKey {
    /// The log's name: a host and path of yours, without a scheme, as pki.example.com/countersign.
    pub name: String,
    /// The file to write a new secret key to. It must not be there.
    #[arg(long, group = "place")]
    pub out: Option<PathBuf>,
    /// A key in AWS KMS (ECC_NIST_EDWARDS25519), by its ARN.
    #[arg(long, group = "place")]
    pub kms: Option<String>,
    /// The KMS key's Region.
    #[arg(long, env = "AWS_REGION", default_value = "us-east-1")]
    pub region: String,
}

#[derive(Args)]
#[command(after_help = "Exit status: 0 the entry is in the log, 2 that is not proven, 1 could not run.")]
pub struct EntryProof {
    /// The proof (c2sp.org/tlog-proof), whose extra is the entry.
    pub file: PathBuf,
    /// A file with the log's public keys, one a line: the one that signs, and those that did before.
    #[arg(long)]
    pub key: PathBuf,
    /// A file with public keys of witnesses, one a line: one of them must have cosigned the proof's checkpoint.
    #[arg(long)]
    pub witness: Option<PathBuf>,
}
