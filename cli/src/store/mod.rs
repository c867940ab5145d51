//! Objects in stores: S3, Google Cloud Storage, Azure Blob Storage. Without the feature `object-store` there are none.

pub(crate) mod address;
#[cfg(feature = "object-store")]
mod client;
#[cfg(feature = "object-store")]
mod environment;
#[cfg(feature = "object-store")]
mod failure;
#[cfg(feature = "object-store")]
mod object;
mod reader;
#[cfg(feature = "object-store")]
mod remote;
#[cfg(all(test, feature = "object-store"))]
pub(crate) mod testing;
#[cfg(feature = "object-store")]
mod upload;

use std::io::Write;
use std::path::Path;
use std::time::SystemTime;

#[cfg(feature = "object-store")]
use anyhow::Context;
use anyhow::Result;

use address::is_remote;
pub(crate) use reader::Reader;

/// What an object is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct State {
    pub(crate) bytes: u64,
    pub(crate) modified: SystemTime,
    /// What the store calls these contents, if it does.
    pub(crate) tag: Option<String>,
}

/// An object, or what the names of several begin with.
pub(crate) trait Object: Send + Sync {
    /// The objects whose names go on after this one and a slash, with no further slash, and their bytes.
    fn list(&self) -> Result<Vec<(String, u64)>>;

    /// What it is, where there is one.
    fn find(&self) -> Result<Option<State>>;

    /// Reads `bytes` from byte `start` on, as long as it is what `state` says.
    fn read(&self, state: &State, start: u64, bytes: &mut [u8]) -> Result<()>;

    /// Makes an empty object; whether there was none.
    fn claim(&self) -> Result<bool>;

    fn remove(&self) -> Result<()>;

    /// Begins an object of so many bytes. Nobody sees it before [`Upload::finish`].
    fn upload(&self, bytes: u64) -> Result<Box<dyn Upload>>;
}

/// Bytes on their way to an object. If it is dropped, none is made.
pub(crate) trait Upload: Write + Send {
    /// Makes the object of what was written.
    fn finish(self: Box<Self>) -> Result<()>;
}

/// What a URL names; of a path, nothing.
pub(crate) fn object(path: &Path) -> Result<Option<Box<dyn Object>>> {
    if !is_remote(path) {
        return Ok(None);
    }
    #[cfg(feature = "object-store")]
    {
        let remote = address::Address::of(path).and_then(|address| remote::Remote::of(&address));
        Ok(Some(Box::new(remote.with_context(|| format!("cannot use {}", path.display()))?)))
    }
    #[cfg(not(feature = "object-store"))]
    anyhow::bail!("cannot use {}: this program was built without stores", path.display());
}
