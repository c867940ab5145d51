//! Names of places: paths of files, and URLs of objects in stores. URLs are carried as paths are, and told from them
//! here.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

/// A kind of store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Scheme {
    S3,
    Gs,
    Az,
    /// In memory, for tests.
    #[cfg(test)]
    Memory,
}

impl Scheme {
    fn of(name: &str) -> Option<Self> {
        match name {
            "s3" => Some(Self::S3),
            "gs" => Some(Self::Gs),
            "az" => Some(Self::Az),
            #[cfg(test)]
            "memory" => Some(Self::Memory),
            _ => None,
        }
    }
}

/// Where an object is, or what the names of objects begin with.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Address {
    pub(crate) scheme: Scheme,
    /// A bucket, or a container of Azure's.
    pub(crate) bucket: String,
    /// The name in it, without a slash at either end; of the whole bucket, nothing.
    pub(crate) key: String,
}

/// What builds the program with stores.
const BUILD: &str = "cargo build --release -p weightinit-cli --features object-store";

/// A URL's scheme and the rest, also where the scheme is unknown.
fn split(path: &Path) -> Option<(&str, &str)> {
    let (scheme, rest) = path.to_str()?.split_once("://")?;
    let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    is_scheme.then_some((scheme, rest))
}

/// Whether a path names something in a store.
pub(crate) fn is_remote(path: &Path) -> bool {
    split(path).is_some()
}

/// What an option gives as the name of a file or of an object. Refused URLs are not repeated: they may hold secrets.
pub(crate) fn place(given: PathBuf) -> Result<PathBuf> {
    match split(&given) {
        None => Ok(given),
        Some(("file", rest)) => of_file(rest),
        Some(_) => {
            Address::of(&given)?;
            ensure!(
                cfg!(feature = "object-store"),
                "{} is in a store, and this program was built without them; build it with them: {BUILD}",
                given.display()
            );
            Ok(given)
        }
    }
}

/// The same of an option that takes files only.
pub(crate) fn local(given: PathBuf) -> Result<PathBuf> {
    match split(&given) {
        None => Ok(given),
        Some(("file", rest)) => of_file(rest),
        Some((scheme, _)) => bail!("a file is needed here, not {scheme}://…; stores are for init -o, verify and plot"),
    }
}

/// The path in a file:// URL.
fn of_file(rest: &str) -> Result<PathBuf> {
    let wrong = "a file's URL has a whole path and %XX for unusual characters, such as file:///data/model.safetensors";
    let path = rest.strip_prefix("localhost").unwrap_or(rest);
    ensure!(path.starts_with('/') && !path.contains(['?', '#']), "{wrong}");
    let mut parts = path.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let digits = part.get(..2).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        let code = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(code.filter(|code| *code != 0).context(wrong)?);
        bytes.extend_from_slice(&part.as_bytes()[2..]);
    }
    let path = String::from_utf8(bytes).ok().context("a file's URL is UTF-8")?;
    // file:///C:/model.safetensors
    let has_drive = cfg!(windows) && path.as_bytes().get(2) == Some(&b':');
    Ok(PathBuf::from(if has_drive { &path[1..] } else { &path }))
}

impl Address {
    /// The address that a URL of a store is.
    pub(crate) fn of(path: &Path) -> Result<Self> {
        let (name, rest) = split(path).context("it is no URL")?;
        let scheme = Scheme::of(name)
            .with_context(|| format!("no store is called {name}://; expected s3://, gs://, az:// or file://"))?;
        // Names below it were joined as the system joins paths.
        let rest = if cfg!(windows) { rest.replace('\\', "/") } else { rest.to_owned() };
        let (bucket, key) = rest.split_once('/').unwrap_or((&rest, ""));
        let form = format!("give {name}://BUCKET/NAME");
        ensure!(
            !bucket.contains('@'),
            "the URL has a user or password (before '@'), and credentials come from the environment alone; {form}"
        );
        ensure!(
            !rest.contains(['?', '#']),
            "the URL has a query or fragment (from '?' or '#' on), and credentials and options come from the \
             environment alone; {form}"
        );
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
        ensure!(!bucket.is_empty() && bucket.bytes().all(is_plain), "the URL names no bucket; {form}");
        let key = key.strip_suffix('/').unwrap_or(key);
        let is_sound = |part: &str| !matches!(part, "" | "." | "..") && !part.contains(char::is_control);
        ensure!(
            key.is_empty() || key.split('/').all(is_sound),
            "the name in the bucket has a part that is empty, '.', '..' or has control characters; {form}"
        );
        Ok(Self { scheme, bucket: bucket.to_owned(), key: key.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_told_from_paths() {
        for path in ["model.safetensors", "/a/b", "./s3://a/b", "a b://c", "1s3://a/b", "s3:/a", "://a", ""] {
            assert!(!is_remote(Path::new(path)), "{path}");
            assert_eq!(place(path.into()).unwrap(), Path::new(path));
        }
        for (url, bucket, key) in [
            ("s3://b/k", "b", "k"),
            ("gs://b.c-d_e/a b/é%20/", "b.c-d_e", "a b/é%20"),
            ("az://b", "b", ""),
            ("s3://b/", "b", ""),
            ("s3://b/x@y/z", "b", "x@y/z"),
        ] {
            let found = Address::of(Path::new(url)).unwrap();
            assert_eq!((found.bucket.as_str(), found.key.as_str()), (bucket, key), "{url}");
            assert_eq!(place(url.into()).is_ok(), cfg!(feature = "object-store"), "{url}");
            assert!(local(url.into()).is_err());
        }
    }

    #[test]
    fn names_below_an_address_are_joined() {
        let below = Address::of(&Path::new("s3://b/k/").join("model.safetensors")).unwrap();
        assert_eq!(below.key, "k/model.safetensors");
    }

    #[test]
    fn what_is_no_address_is_refused_without_its_secrets() {
        for (url, why) in [
            ("s3://me:secret@b/k", "credentials come from the environment alone; give s3://BUCKET/NAME"),
            ("az://secret@account.dfs.core.windows.net/k", "credentials come from the environment alone"),
            ("s3://b/k?X-Amz-Signature=secret", "the URL has a query or fragment"),
            ("s3://b/k#secret", "the URL has a query or fragment"),
            ("s3:///k", "the URL names no bucket"),
            ("s3://b:9000/k", "the URL names no bucket"),
            ("s3://b/../k", "a part that is empty, '.', '..'"),
            ("s3://b/k/..", "a part that is empty, '.', '..'"),
            ("s3://b//k", "a part that is empty, '.', '..'"),
            ("s3://b/k//", "a part that is empty, '.', '..'"),
            ("s3://b/a\nb", "control characters"),
            ("https://secret@b/k", "no store is called https://; expected s3://, gs://, az:// or file://"),
            ("S3://b/k", "no store is called S3://"),
        ] {
            let refused = place(url.into()).unwrap_err().to_string();
            assert!(refused.contains(why) && !refused.contains("secret"), "{url}: {refused}");
        }
    }

    #[cfg(not(feature = "object-store"))]
    #[test]
    fn without_stores_the_program_says_how_it_gets_them() {
        assert_eq!(
            place("s3://b/k".into()).unwrap_err().to_string(),
            "s3://b/k is in a store, and this program was built without them; build it with them: cargo build \
             --release -p weightinit-cli --features object-store"
        );
    }

    #[cfg(unix)]
    #[test]
    fn files_have_urls() {
        for (url, path) in [
            ("file:///a/b.safetensors", "/a/b.safetensors"),
            ("file://localhost/a%20b/%C3%A9", "/a b/é"),
            ("file:///", "/"),
        ] {
            assert_eq!(place(url.into()).unwrap(), Path::new(path));
            assert_eq!(local(url.into()).unwrap(), Path::new(path));
        }
        for url in [
            "file://a/b",
            "file://b",
            "file:///a?b",
            "file:///a%2",
            "file:///a%zz",
            "file:///a%+1",
            "file:///%00",
            "file:///%ff",
        ] {
            assert!(place(url.into()).unwrap_err().to_string().starts_with("a file's URL"), "{url}");
        }
    }
}
