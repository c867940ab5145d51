//! Clients of stores, and what their requests run on.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use anyhow::{Context, Result};
use object_store::aws::AmazonS3Builder;
use object_store::azure::MicrosoftAzureBuilder;
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::multipart::MultipartStore;
use object_store::path::Path;
use object_store::{BackoffConfig, ClientConfigKey, ObjectStore, ObjectStoreExt, RetryConfig};
use tokio::runtime::{Builder, Handle};

use super::address::{Address, Scheme};
use super::environment::Variables;
use super::failure;
use crate::threads;

/// What is asked about a bucket.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) objects: Arc<dyn ObjectStore>,
    /// Uploads, by calls that any thread may make.
    pub(crate) uploads: Arc<dyn MultipartStore>,
}

impl Client {
    pub(crate) fn new(store: impl ObjectStore + MultipartStore) -> Self {
        let store = Arc::new(store);
        Self { objects: Arc::clone(&store) as _, uploads: store }
    }
}

/// What a request takes at most: a part of an upload on a slow line, too.
const TIMEOUT: &str = "300s";

/// How many times a request is repeated, and by how much longer each pause may be than the one before it.
fn repeats(most: usize, growth: f64) -> RetryConfig {
    let backoff = BackoffConfig { base: growth, ..BackoffConfig::default() };
    RetryConfig { backoff, max_retries: most, ..RetryConfig::default() }
}

/// The client for a bucket; there is one for each.
pub(super) fn client(address: &Address) -> Result<Client> {
    type Clients = HashMap<(Scheme, String), Client>;
    static CLIENTS: OnceLock<Mutex<Clients>> = OnceLock::new();
    let mut clients = CLIENTS.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
    let name = (address.scheme, address.bucket.clone());
    if let Some(client) = clients.get(&name) {
        return Ok(client.clone());
    }
    // The first request of all is given up soon, since the reason may be a mistake. Any object will do for it.
    let (hasty, path) = (build(address, repeats(3, 2.0))?, Path::from(".weightinit"));
    match runtime()?.block_on(hasty.objects.head(&path)) {
        Err(error) if failure::is_silence(&error) => return Err(failure::of_request(&error, address.scheme)),
        _ => {}
    }
    // From then on a minute without a network is no end.
    let client = build(address, repeats(12, 4.0))?;
    clients.insert(name, client.clone());
    Ok(client)
}

fn build(address: &Address, repeats: RetryConfig) -> Result<Client> {
    let variables = Variables::of(address.scheme);
    variables.check(|name| std::env::var(name).ok())?;
    // Another part of this process may have chosen already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let has_timeout = std::env::var_os(format!("{}TIMEOUT", variables.prefix)).is_some();
    let timeout = ClientConfigKey::Timeout;
    macro_rules! built {
        ($builder:ident, $key:path, $bucket:ident) => {{
            let mut builder = $builder::from_env().$bucket(&address.bucket).with_retry(repeats);
            if !has_timeout {
                builder = builder.with_config($key(timeout), TIMEOUT);
            }
            builder.build().map(Client::new)
        }};
    }
    let built = match address.scheme {
        Scheme::S3 => built!(AmazonS3Builder, object_store::aws::AmazonS3ConfigKey::Client, with_bucket_name),
        Scheme::Gs => built!(GoogleCloudStorageBuilder, object_store::gcp::GoogleConfigKey::Client, with_bucket_name),
        Scheme::Az => built!(MicrosoftAzureBuilder, object_store::azure::AzureConfigKey::Client, with_container_name),
        #[cfg(test)]
        Scheme::Memory => return Ok(super::testing::Memory::of(&address.bucket).client()),
    };
    built.map_err(|error| failure::of_settings(&error, address.scheme))
}

/// What requests run on: one thread, which goes on with them while others compute.
pub(super) fn runtime() -> Result<Handle> {
    static RUNTIME: Mutex<Option<Handle>> = Mutex::new(None);
    let mut known = RUNTIME.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(handle) = &*known {
        return Ok(handle.clone());
    }
    let runtime = Builder::new_current_thread().enable_all().build().context("cannot talk to stores")?;
    let handle = runtime.handle().clone();
    threads::spawn("store", move || runtime.block_on(std::future::pending::<()>()))?;
    *known = Some(handle.clone());
    Ok(handle)
}
