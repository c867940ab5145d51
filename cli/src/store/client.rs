//! Clients of stores: where they are and who asks is told by the environment alone, by the variables that each store's
//! own programs read.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use anyhow::{Context, Result, bail, ensure};
use object_store::aws::AmazonS3Builder;
use object_store::azure::MicrosoftAzureBuilder;
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::multipart::MultipartStore;
use object_store::{ClientConfigKey, ObjectStore};
use tokio::runtime::{Builder, Handle};

use super::address::{Address, Scheme};
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

/// What the environment may say about a kind of store.
pub(super) struct Variables {
    /// What is named in messages.
    pub(super) store: &'static str,
    /// What their names begin with.
    prefix: &'static str,
    /// Who asks: each set suffices.
    pub(super) credentials: &'static [&'static [&'static str]],
    /// Names of which URLs are made.
    names: &'static [&'static str],
    /// Where the store is, if not where it usually is.
    endpoints: &'static [&'static str],
}

/// Those of S3 and of what speaks like it.
const S3: Variables = Variables {
    store: "S3",
    prefix: "AWS_",
    credentials: &[
        &["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"],
        &["AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN"],
        &["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"],
        &["AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"],
        // Of the machine: where it is asked, it is waited for, so that it has to be named.
        &["AWS_METADATA_ENDPOINT"],
        &["AWS_SKIP_SIGNATURE"],
    ],
    names: &["AWS_REGION", "AWS_DEFAULT_REGION"],
    endpoints: &["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT"],
};

const GOOGLE: Variables = Variables {
    store: "Google Cloud Storage",
    prefix: "GOOGLE_",
    credentials: &[
        &["GOOGLE_APPLICATION_CREDENTIALS"],
        &["GOOGLE_SERVICE_ACCOUNT"],
        &["GOOGLE_SERVICE_ACCOUNT_PATH"],
        &["GOOGLE_SERVICE_ACCOUNT_KEY"],
        &["GOOGLE_BEARER_TOKEN"],
        &["GCE_METADATA_HOST"],
        &["GOOGLE_SKIP_SIGNATURE"],
    ],
    names: &[],
    endpoints: &["GOOGLE_BASE_URL"],
};

const AZURE: Variables = Variables {
    store: "Azure Blob Storage",
    prefix: "AZURE_",
    credentials: &[
        &["AZURE_STORAGE_ACCOUNT_NAME", "AZURE_STORAGE_ACCOUNT_KEY"],
        &["AZURE_STORAGE_ACCOUNT_NAME", "AZURE_STORAGE_ACCESS_KEY"],
        &["AZURE_STORAGE_ACCOUNT_NAME", "AZURE_STORAGE_SAS_TOKEN"],
        &["AZURE_STORAGE_ACCOUNT_NAME", "AZURE_STORAGE_TOKEN"],
        &["AZURE_STORAGE_ACCOUNT_NAME", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET", "AZURE_TENANT_ID"],
        &["AZURE_STORAGE_ACCOUNT_NAME", "AZURE_CLIENT_ID", "AZURE_FEDERATED_TOKEN_FILE", "AZURE_TENANT_ID"],
        &["AZURE_STORAGE_ACCOUNT_NAME", "IDENTITY_ENDPOINT"],
        &["AZURE_STORAGE_ACCOUNT_NAME", "AZURE_SKIP_SIGNATURE"],
        &["AZURE_STORAGE_USE_EMULATOR"],
    ],
    names: &["AZURE_STORAGE_ACCOUNT_NAME"],
    endpoints: &["AZURE_STORAGE_ENDPOINT", "AZURE_ENDPOINT"],
};

#[cfg(test)]
const MEMORY: Variables = Variables { credentials: &[&[]], endpoints: &[], ..S3 };

/// What a request takes at most: a part of an upload on a slow line, too.
const TIMEOUT: &str = "300s";

impl Variables {
    pub(super) fn of(scheme: Scheme) -> &'static Self {
        match scheme {
            Scheme::S3 => &S3,
            Scheme::Gs => &GOOGLE,
            Scheme::Az => &AZURE,
            #[cfg(test)]
            Scheme::Memory => &MEMORY,
        }
    }

    /// The sets of credentials.
    pub(super) fn who(&self) -> String {
        self.credentials.iter().map(|set| set.join(" with ")).collect::<Vec<_>>().join("; ")
    }

    /// What says where a bucket is.
    pub(super) fn whither(&self) -> String {
        [self.names, self.endpoints].concat().join(", ")
    }

    /// Refuses what would be waited for in vain.
    fn check(&self, variable: impl Fn(&str) -> Option<String>) -> Result<()> {
        let is_true = |name: &str| {
            let value = variable(name).unwrap_or_default().to_ascii_lowercase();
            matches!(value.as_str(), "1" | "true" | "on" | "yes" | "y")
        };
        let is_switch = |name: &str| name.ends_with("_SKIP_SIGNATURE") || name.ends_with("_USE_EMULATOR");
        let is_set = |name: &&str| match variable(name) {
            Some(_) if is_switch(name) => is_true(name),
            value => value.is_some_and(|value| !value.is_empty()),
        };
        ensure!(
            self.credentials.iter().any(|set| set.iter().all(is_set)),
            "there are no credentials for {} in the environment; set one of: {}",
            self.store,
            self.who()
        );
        // What no header can hold, such as the line break at the end of a file; JSON may.
        let is_unsound = |name: &&&str| variable(name).is_some_and(|value| value.contains(|c| !matches!(c, ' '..='~')));
        let of_headers = self.credentials.iter().copied().flatten().chain(&["AWS_SESSION_TOKEN"]);
        if let Some(name) = of_headers.filter(|name| !name.starts_with("GOOGLE_")).find(is_unsound) {
            bail!("{name} has a line break or another character that is not of ASCII's printable ones; set it again");
        }
        for (name, value) in self.names.iter().filter_map(|name| Some((name, variable(name)?))) {
            let is_name = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
            ensure!(is_name, "{name} is no name; expected letters, digits and hyphens, as in us-east-1, or unset it");
        }
        let allows = format!("{}ALLOW_HTTP", self.prefix);
        for (name, url) in self.endpoints.iter().filter_map(|name| Some((name, variable(name)?))) {
            let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._~:/[]%".contains(c);
            let is_url = reqwest::Url::parse(&url).is_ok_and(|url| url.has_host() && url.scheme().starts_with("http"));
            ensure!(
                is_url && url.chars().all(is_plain),
                "{name} is no URL; expected one such as https://HOST:PORT, or unset it"
            );
            ensure!(
                !url.starts_with("http:") || is_true(&allows),
                "{name} is an http:// URL, so that anybody could listen; use https://, or set {allows}=true"
            );
        }
        Ok(())
    }
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
    let client = build(address)?;
    clients.insert(name, client.clone());
    Ok(client)
}

fn build(address: &Address) -> Result<Client> {
    let variables = Variables::of(address.scheme);
    variables.check(|name| std::env::var(name).ok())?;
    // Another part of this process may have chosen already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let has_timeout = std::env::var_os(format!("{}TIMEOUT", variables.prefix)).is_some();
    let timeout = ClientConfigKey::Timeout;
    macro_rules! built {
        ($builder:ident, $key:path, $bucket:ident) => {{
            let mut builder = $builder::from_env().$bucket(&address.bucket);
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
    built.map_err(|error| super::failure::of_settings(&error, address.scheme))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn check(variables: &Variables, environment: &[(&str, &str)]) -> Result<(), String> {
        let known: HashMap<_, _> = environment.iter().copied().collect();
        variables.check(|name| known.get(name).map(|value| (*value).to_owned())).map_err(|error| error.to_string())
    }

    #[test]
    fn missing_credentials_are_named_by_their_variables() {
        let refused = check(&S3, &[("AWS_ACCESS_KEY_ID", "AKIA"), ("AWS_SECRET_ACCESS_KEY", "")]).unwrap_err();
        let expected = "there are no credentials for S3 in the environment; set one of: AWS_ACCESS_KEY_ID with \
                        AWS_SECRET_ACCESS_KEY; AWS_WEB_IDENTITY_TOKEN_FILE with AWS_ROLE_ARN; ";
        assert!(refused.starts_with(expected), "{refused}");
        assert!(check(&GOOGLE, &[]).unwrap_err().contains("; set one of: GOOGLE_APPLICATION_CREDENTIALS; "));
        assert!(check(&AZURE, &[("AZURE_STORAGE_ACCOUNT_NAME", "me")]).is_err());
        assert!(check(&AZURE, &[("AZURE_STORAGE_USE_EMULATOR", "true")]).is_ok());
        assert!(check(&AZURE, &[("AZURE_STORAGE_USE_EMULATOR", "false")]).is_err());
        let keys = [("AWS_ACCESS_KEY_ID", "AKIA"), ("AWS_SECRET_ACCESS_KEY", "x")];
        assert!(check(&S3, &keys).is_ok());
        let refused = check(&S3, &[&keys[..], &[("AWS_SESSION_TOKEN", "secret\n")]].concat()).unwrap_err();
        assert!(refused.starts_with("AWS_SESSION_TOKEN has a line break ") && !refused.contains("secret"), "{refused}");
    }

    #[test]
    fn http_has_to_be_allowed() {
        let of = |more: &[(&'static str, &'static str)]| {
            let keys = [("AWS_ACCESS_KEY_ID", "AKIA"), ("AWS_SECRET_ACCESS_KEY", "x")];
            check(&S3, &[&keys[..], more].concat())
        };
        assert_eq!(
            of(&[("AWS_ENDPOINT_URL", "http://localhost:9000")]).unwrap_err(),
            "AWS_ENDPOINT_URL is an http:// URL, so that anybody could listen; use https://, or set AWS_ALLOW_HTTP=true"
        );
        assert!(of(&[("AWS_ENDPOINT_URL", "http://localhost:9000"), ("AWS_ALLOW_HTTP", "true")]).is_ok());
        assert_eq!(
            of(&[("AWS_ENDPOINT_URL_S3", "nonsense")]).unwrap_err(),
            "AWS_ENDPOINT_URL_S3 is no URL; expected one such as https://HOST:PORT, or unset it"
        );
        for url in
            ["https://", "ftp://a", "https://ä", "https://a b", "https://me:secret@host", "https://a?b", "https:\\\\a"]
        {
            let refused = of(&[("AWS_ENDPOINT_URL_S3", url)]).unwrap_err();
            assert!(
                refused.ends_with("is no URL; expected one such as https://HOST:PORT, or unset it"),
                "{url}: {refused}"
            );
        }
        assert!(of(&[("AWS_ENDPOINT_URL_S3", "https://[::1]:9000/path")]).is_ok());
        let refused = of(&[("AWS_REGION", "eu..")]).unwrap_err();
        assert_eq!(
            refused,
            "AWS_REGION is no name; expected letters, digits and hyphens, as in us-east-1, or unset it"
        );
    }
}
