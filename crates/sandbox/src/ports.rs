//! The sandbox's ports: one block above the console's, loopback only, the same after a restart.

use std::net::Ipv4Addr;

use anyhow::Context;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

/// Where each endpoint listens on 127.0.0.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ports {
    pub(crate) console: u16,
    pub(crate) oidc: u16,
    pub(crate) dynamodb: u16,
    pub(crate) s3: u16,
    pub(crate) acm_pca: u16,
    pub(crate) cloudtrail: u16,
    /// 0: an older sandbox had none.
    #[serde(default)]
    pub(crate) kms: u16,
    #[serde(default)]
    pub(crate) told: u16,
    #[serde(default)]
    pub(crate) mail: u16,
    #[serde(default)]
    pub(crate) sns: u16,
}

impl Ports {
    /// The block that starts at the console's port.
    fn above(console: u16) -> anyhow::Result<Self> {
        let at = |offset: u16| console.checked_add(offset).context("the port is too high: nine follow it");
        Ok(Self {
            console,
            oidc: at(1)?,
            dynamodb: at(2)?,
            s3: at(3)?,
            acm_pca: at(4)?,
            cloudtrail: at(5)?,
            kms: at(6)?,
            told: at(7)?,
            mail: at(8)?,
            sns: at(9)?,
        })
    }

    /// No preference: the system chooses.
    pub(crate) const ANY: Self = Self {
        console: 0,
        oidc: 0,
        dynamodb: 0,
        s3: 0,
        acm_pca: 0,
        cloudtrail: 0,
        kms: 0,
        told: 0,
        mail: 0,
        sns: 0,
    };
}

/// The open sockets of the sandbox's own endpoints. The console's port is only known to be free.
pub(crate) struct Listeners {
    pub(crate) ports: Ports,
    pub(crate) oidc: TcpListener,
    pub(crate) dynamodb: TcpListener,
    pub(crate) s3: TcpListener,
    pub(crate) acm_pca: TcpListener,
    pub(crate) cloudtrail: TcpListener,
    pub(crate) kms: TcpListener,
    pub(crate) told: TcpListener,
    pub(crate) mail: TcpListener,
    pub(crate) sns: TcpListener,
}

/// Opens the block above `console`; for 0 the ports `kept` from an earlier start, or free ones.
///
/// # Errors
/// A port is taken. The message names it and what it is for.
pub(crate) async fn open(console: u16, kept: Option<Ports>) -> anyhow::Result<Listeners> {
    let wanted = match (console, kept) {
        (0, kept) => kept.unwrap_or(Ports::ANY),
        (console, _) => Ports::above(console)?,
    };
    let (console, console_port) = listen(wanted.console, "the console").await?;
    let (oidc, oidc_port) = listen(wanted.oidc, "sign-in").await?;
    let (dynamodb, dynamodb_port) = listen(wanted.dynamodb, "DynamoDB").await?;
    let (s3, s3_port) = listen(wanted.s3, "S3").await?;
    let (acm_pca, acm_pca_port) = listen(wanted.acm_pca, "Private CA").await?;
    let (cloudtrail, cloudtrail_port) = listen(wanted.cloudtrail, "CloudTrail").await?;
    let (kms, kms_port) = listen(wanted.kms, "KMS").await?;
    let (told, told_port) = listen(wanted.told, "notifications").await?;
    let (mail, mail_port) = listen(wanted.mail, "e-mail").await?;
    let (sns, sns_port) = listen(wanted.sns, "SNS").await?;
    drop(console);
    let ports = Ports {
        console: console_port,
        oidc: oidc_port,
        dynamodb: dynamodb_port,
        s3: s3_port,
        acm_pca: acm_pca_port,
        cloudtrail: cloudtrail_port,
        kms: kms_port,
        told: told_port,
        mail: mail_port,
        sns: sns_port,
    };
    Ok(Listeners { ports, oidc, dynamodb, s3, acm_pca, cloudtrail, kms, told, mail, sns })
}

async fn listen(port: u16, purpose: &str) -> anyhow::Result<(TcpListener, u16)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.with_context(|| {
        format!("port {port}, meant for {purpose}, cannot be opened: is another sandbox running? (--port)")
    })?;
    let port = listener.local_addr()?.port();
    Ok((listener, port))
}
