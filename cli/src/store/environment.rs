//! Where stores are and who asks is told by the environment alone, by the variables that stores' own programs read.

use anyhow::{Result, bail, ensure};

use super::address::Scheme;

/// What the environment may say about a kind of store.
pub(super) struct Variables {
    /// What is named in messages.
    pub(super) store: &'static str,
    /// What their names begin with.
    pub(super) prefix: &'static str,
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

    /// The sets of credentials: those that are whole in the environment, or else all.
    pub(super) fn who(&self) -> String {
        let whole = self.whole(&|name| std::env::var(name).ok());
        words(if whole.is_empty() { self.credentials } else { &whole })
    }

    fn whole(&self, variable: &dyn Fn(&str) -> Option<String>) -> Vec<&'static [&'static str]> {
        let is_switch = |name: &str| name.ends_with("_SKIP_SIGNATURE") || name.ends_with("_USE_EMULATOR");
        let is_set = |name: &&str| match variable(name) {
            Some(value) if is_switch(name) => is_true(&value),
            value => value.is_some_and(|value| !value.is_empty()),
        };
        self.credentials.iter().filter(|set| set.iter().all(is_set)).copied().collect()
    }

    /// What says where a bucket is.
    pub(super) fn whither(&self) -> String {
        [self.names, self.endpoints].concat().join(", ")
    }

    /// Refuses what would be waited for in vain.
    pub(super) fn check(&self, variable: impl Fn(&str) -> Option<String>) -> Result<()> {
        ensure!(
            !self.whole(&variable).is_empty(),
            "there are no credentials for {} in the environment; set one of: {}",
            self.store,
            words(self.credentials)
        );
        // What no header can hold, such as the line break at the end of a file; paths and JSON may.
        let is_unsound = |name: &&&str| variable(name).is_some_and(|value| value.contains(|c| !matches!(c, ' '..='~')));
        let of_headers = self.credentials.iter().copied().flatten().chain(&["AWS_SESSION_TOKEN"]);
        let is_of_header = |name: &&&str| !name.starts_with("GOOGLE_") || **name == "GOOGLE_BEARER_TOKEN";
        if let Some(name) = of_headers.filter(is_of_header).find(is_unsound) {
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
                !url.starts_with("http:") || variable(&allows).is_some_and(|value| is_true(&value)),
                "{name} is an http:// URL, so that anybody could listen; use https://, or set {allows}=true"
            );
        }
        Ok(())
    }
}

fn words(sets: &[&[&str]]) -> String {
    sets.iter().map(|set| set.join(" with ")).collect::<Vec<_>>().join("; ")
}

/// As the crate reads switches.
fn is_true(value: &str) -> bool {
    matches!(value.to_ascii_lowercase().as_str(), "1" | "true" | "on" | "yes" | "y")
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

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
