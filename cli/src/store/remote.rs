//! Objects by their clients, which are waited for.

use std::future::Future;

use anyhow::Result;
use object_store::path::Path;
use tokio::runtime::Handle;

use super::address::Address;
use super::client::{Client, client, runtime};
use super::failure;

/// An object of a bucket, or a prefix of names.
#[derive(Clone)]
pub(super) struct Remote {
    pub(super) address: Address,
    pub(super) path: Path,
    pub(super) client: Client,
    pub(super) runtime: Handle,
}

impl Remote {
    pub(super) fn of(address: &Address) -> Result<Self> {
        // As it is: names are no URLs in which characters stand for others.
        let path = Path::parse(&address.key)?;
        Ok(Self { address: address.clone(), path, client: client(address)?, runtime: runtime()? })
    }

    /// Waits for an answer.
    pub(super) fn wait<T>(&self, answer: impl Future<Output = object_store::Result<T>>) -> object_store::Result<T> {
        self.runtime.block_on(answer)
    }

    pub(super) fn failed(&self, error: &object_store::Error) -> anyhow::Error {
        failure::of_request(error, self.address.scheme)
    }

    /// The answer, or nothing where there is no object.
    pub(super) fn known<T>(&self, answer: object_store::Result<T>) -> Result<Option<T>> {
        match answer {
            Ok(answer) => Ok(Some(answer)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(self.failed(&error)),
        }
    }
}
