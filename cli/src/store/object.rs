//! What is asked of a store about an object, by the crate `object_store`.

use anyhow::{Context, Result, ensure};
use object_store::{GetOptions, ObjectStoreExt, PutMode, PutOptions, PutPayload};

use super::remote::Remote;
use super::upload::Multipart;
use super::{Object, State, Upload};

impl Object for Remote {
    fn list(&self) -> Result<Vec<(String, u64)>> {
        let prefix = Some(&self.path).filter(|path| !path.is_root());
        let listed = self.wait(self.client.objects.list_with_delimiter(prefix)).map_err(|error| self.failed(&error))?;
        let named = |object: object_store::ObjectMeta| Some((object.location.filename()?.to_owned(), object.size));
        Ok(listed.objects.into_iter().filter_map(named).collect())
    }

    fn find(&self) -> Result<Option<State>> {
        let found = self.known(self.wait(self.client.objects.head(&self.path)))?;
        Ok(found.map(|found| State { bytes: found.size, modified: found.last_modified.into(), tag: found.e_tag }))
    }

    fn read(&self, state: &State, start: u64, bytes: &mut [u8]) -> Result<()> {
        let range = start..start + bytes.len() as u64;
        let options = GetOptions { range: Some(range.into()), if_match: state.tag.clone(), ..GetOptions::default() };
        let read = async { self.client.objects.get_opts(&self.path, options).await?.bytes().await };
        let found = match self.wait(read) {
            Err(object_store::Error::Precondition { .. }) => None,
            answer => self.known(answer)?,
        };
        let found = found.context("it was changed meanwhile; leave it alone, and try again")?;
        ensure!(found.len() == bytes.len(), "the server gave {} bytes, not {}", found.len(), bytes.len());
        bytes.copy_from_slice(&found);
        Ok(())
    }

    fn claim(&self) -> Result<bool> {
        use object_store::Error::{AlreadyExists, NotImplemented, NotSupported, Precondition};
        let empty = |mode| self.client.objects.put_opts(&self.path, PutPayload::new(), PutOptions::from(mode));
        match self.wait(empty(PutMode::Create)) {
            Ok(_) => Ok(true),
            Err(AlreadyExists { .. } | Precondition { .. }) => Ok(false),
            // A store without conditions: what is there is written once more, and counts as another's.
            Err(NotImplemented { .. } | NotSupported { .. }) => {
                self.wait(empty(PutMode::Overwrite)).map(|_| false).map_err(|error| self.failed(&error))
            }
            Err(error) => Err(self.failed(&error)),
        }
    }

    fn remove(&self) -> Result<()> {
        self.known(self.wait(self.client.objects.delete(&self.path))).map(drop)
    }

    fn upload(&self, bytes: u64) -> Result<Box<dyn Upload>> {
        ensure!(!self.path.is_root(), "a bucket is no object; give it a name in the bucket");
        Ok(Box::new(Multipart::begin(self, bytes)?))
    }
}
