//! AWS clients for the sandbox's own endpoints, one principal each. The surroundings are never asked: no
//! profile, variable, proxy or metadata service of the machine has a say.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_s3::config::{ConfigBag, Credentials, Intercept, RuntimeComponents, SharedCredentialsProvider};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextMut;
use serde::{Deserialize, Serialize};

use crate::keys::{AccessKey, REGION};
use crate::ports::Ports;

/// Where the services answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoints {
    pub dynamodb: String,
    pub s3: String,
    #[serde(rename = "acm-pca")]
    pub acm_pca: String,
    pub cloudtrail: String,
    pub kms: String,
    pub sns: String,
}

impl Endpoints {
    pub(crate) fn at(ports: &Ports) -> Self {
        Self {
            dynamodb: local(ports.dynamodb),
            s3: local(ports.s3),
            acm_pca: local(ports.acm_pca),
            cloudtrail: local(ports.cloudtrail),
            kms: local(ports.kms),
            sns: local(ports.sns),
        }
    }

    pub(crate) fn dynamodb_client(&self, key: &AccessKey) -> aws_sdk_dynamodb::Client {
        aws_sdk_dynamodb::Client::new(&config(&self.dynamodb, key))
    }

    pub(crate) fn s3_client(&self, key: &AccessKey) -> aws_sdk_s3::Client {
        // The endpoint is an address: there is no name to put the bucket in front of.
        let config = aws_sdk_s3::config::Builder::from(&config(&self.s3, key)).force_path_style(true);
        aws_sdk_s3::Client::from_conf(config.build())
    }

    pub(crate) fn acm_pca_client(&self, key: &AccessKey) -> aws_sdk_acmpca::Client {
        aws_sdk_acmpca::Client::new(&config(&self.acm_pca, key))
    }

    #[cfg(test)]
    pub(crate) fn kms_client(&self, key: &AccessKey) -> aws_sdk_kms::Client {
        aws_sdk_kms::Client::new(&config(&self.kms, key))
    }

    #[cfg(test)]
    pub(crate) fn sns_client(&self, key: &AccessKey) -> aws_sdk_sns::Client {
        aws_sdk_sns::Client::new(&self.sns_config(key))
    }

    #[cfg(test)]
    pub(crate) fn sns_config(&self, key: &AccessKey) -> SdkConfig {
        config(&self.sns, key)
    }

    /// Somebody else with this key: another address, another program.
    pub(crate) fn disguised(&self, key: &AccessKey, disguise: Disguise) -> aws_sdk_acmpca::Client {
        let config = aws_sdk_acmpca::config::Builder::from(&config(&self.acm_pca, key)).interceptor(disguise);
        aws_sdk_acmpca::Client::from_conf(config.build())
    }
}

/// Where a caller says it is, and with what program.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Disguise {
    pub(crate) address: &'static str,
    pub(crate) agent: &'static str,
}

impl Intercept for Disguise {
    fn name(&self) -> &'static str {
        "Disguise"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let headers = context.request_mut().headers_mut();
        headers.insert("x-sandbox-source-ip", self.address);
        headers.insert("user-agent", self.agent);
        Ok(())
    }
}

/// The address of a port of this machine.
pub(crate) fn local(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

fn config(endpoint: &str, key: &AccessKey) -> SdkConfig {
    let credentials = Credentials::new(&key.access_key_id, &key.secret_access_key, None, None, "sandbox");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static(REGION))
        .endpoint_url(endpoint)
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        // The SDK's own client would go through HTTP_PROXY, and read the machine's certificates for nothing.
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build()
}
