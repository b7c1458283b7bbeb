//! Making the clients: region, credentials, time limits and retries. `AWS_ENDPOINT_URL_*` points them elsewhere.

use std::sync::Arc;
use std::time::Duration;

use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};

use crate::calls::Calls;
use crate::{Aws, Clients, Error, Process, Settings};

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(3);
/// How long one try may take. A page of a scan has 1 MB; the body of an S3 object does not count.
const ATTEMPT: Duration = Duration::from_secs(15);
/// How long a call may take with all its tries.
const OPERATION: Duration = Duration::from_secs(60);
const TRIES: u32 = 4;

impl Aws {
    /// Makes the clients from the SDK's surroundings (environment, profiles, metadata service). Asks nothing of AWS:
    /// what is wrong with the credentials shows at the first call.
    pub async fn load(settings: Settings) -> Self {
        let loader = || {
            aws_config::defaults(BehaviorVersion::latest())
                .region(Region::new(settings.region.clone()))
                .retry_config(RetryConfig::standard().with_max_attempts(TRIES))
                .timeout_config(
                    TimeoutConfig::builder()
                        .connect_timeout(CONNECT)
                        .operation_attempt_timeout(ATTEMPT)
                        .operation_timeout(OPERATION)
                        .build(),
                )
        };
        let own = loader().load().await;
        let executor = match &settings.process {
            // Named as the provider and not only as the profile: the environment's credentials would win otherwise.
            Process::Worker { executor_profile: Some(profile) } => {
                // A profile that takes on a role asks STS, and would not know where.
                let there =
                    ProviderConfig::without_region().with_region(Some(Region::new(settings.region.clone())));
                let credentials = ProfileFileCredentialsProvider::builder().configure(&there);
                let credentials = credentials.profile_name(profile).build();
                loader().credentials_provider(credentials).load().await
            }
            Process::Worker { executor_profile: None } | Process::Web => own.clone(),
        };
        Self::with_configs(settings, &own, &executor)
    }

    /// The same from ready-made SDK configurations, for tests that hold endpoints and keys in hand. `executor` is a
    /// worker's alone: nothing is made of it for the web process.
    pub fn with_configs(settings: Settings, own: &SdkConfig, executor: &SdkConfig) -> Self {
        let executor = match settings.process {
            Process::Web => None,
            Process::Worker { .. } => Some(Clients::new(executor)),
        };
        Self { own: Clients::new(own), executor, settings: Arc::new(settings), raised: Arc::default() }
    }

    /// The services with the credentials that revoke.
    ///
    /// # Errors
    /// [`Error::Invalid`]: this is not the worker's process.
    pub(crate) fn executor(&self, operation: &'static str) -> Result<&Clients, Error> {
        let process = self.settings.process.name();
        self.executor.as_ref().ok_or_else(|| {
            Error::invalid(operation, format!("the {process} process"), "it has no credentials for that")
        })
    }
}

impl Clients {
    fn new(config: &SdkConfig) -> Self {
        Self {
            dynamodb: aws_sdk_dynamodb::Client::from_conf(
                aws_sdk_dynamodb::config::Builder::from(config).interceptor(Calls).build(),
            ),
            streams: aws_sdk_dynamodbstreams::Client::from_conf(
                aws_sdk_dynamodbstreams::config::Builder::from(config).interceptor(Calls).build(),
            ),
            s3: aws_sdk_s3::Client::from_conf(
                aws_sdk_s3::config::Builder::from(config).interceptor(Calls).build(),
            ),
            acmpca: aws_sdk_acmpca::Client::from_conf(
                aws_sdk_acmpca::config::Builder::from(config).interceptor(Calls).build(),
            ),
            cloudtrail: aws_sdk_cloudtrail::Client::from_conf(
                aws_sdk_cloudtrail::config::Builder::from(config).interceptor(Calls).build(),
            ),
            kms: aws_sdk_kms::Client::from_conf(
                aws_sdk_kms::config::Builder::from(config).interceptor(Calls).build(),
            ),
            sns: aws_sdk_sns::Client::from_conf(
                aws_sdk_sns::config::Builder::from(config).interceptor(Calls).build(),
            ),
        }
    }
}
