//! Stores in memory, called `memory://NAME/…`, that fail when they are told to.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

use async_trait::async_trait;
use object_store::memory::InMemory;
use object_store::multipart::{MultipartStore, PartId};
use object_store::path::Path;
use object_store::{Error, MultipartId, ObjectStore, ObjectStoreExt, PutPayload, PutResult, Result};

use super::client::Client;

/// A store that tests look into.
#[derive(Clone, Debug)]
pub(crate) struct Memory {
    objects: Arc<InMemory>,
    uploads: Arc<Uploads>,
}

/// Uploads of a store.
#[derive(Debug, Default)]
pub(crate) struct Uploads {
    objects: Arc<InMemory>,
    /// Parts that are still taken, from 1 on; all for 0.
    pub(crate) parts_left: AtomicUsize,
    /// How many were begun and not ended.
    pub(crate) open: AtomicUsize,
    /// Bytes of the parts on their way, and the most that there were.
    on_the_way: AtomicUsize,
    pub(crate) most_on_the_way: AtomicUsize,
}

impl Memory {
    /// The store of that name, the same for everybody.
    pub(crate) fn of(name: &str) -> Self {
        static STORES: LazyLock<Mutex<HashMap<String, Memory>>> = LazyLock::new(Mutex::default);
        let mut stores = STORES.lock().unwrap();
        let new = || {
            let objects = Arc::new(InMemory::new());
            let uploads = Arc::new(Uploads { objects: Arc::clone(&objects), ..Uploads::default() });
            Self { objects, uploads }
        };
        stores.entry(name.to_owned()).or_insert_with(new).clone()
    }

    pub(crate) fn client(&self) -> Client {
        Client { objects: Arc::clone(&self.objects) as _, uploads: Arc::clone(&self.uploads) as _ }
    }

    fn now<T>(answer: impl Future<Output = Result<T>>) -> T {
        pollster::block_on(answer).unwrap()
    }

    /// All objects of a folder, with their names in it.
    pub(crate) fn all(&self, folder: &str) -> BTreeMap<String, Vec<u8>> {
        let folder = Path::from(folder);
        let listed = Self::now(self.objects.list_with_delimiter(Some(&folder))).objects;
        let paths = listed.into_iter().map(|object| object.location);
        paths
            .map(|path| {
                let bytes = Self::now(async { self.objects.get(&path).await?.bytes().await });
                (path.filename().unwrap_or_default().to_owned(), bytes.to_vec())
            })
            .collect()
    }

    pub(crate) fn put(&self, folder: &str, name: &str, bytes: Vec<u8>) {
        Self::now(self.objects.put(&Path::from(folder).join(name), bytes.into()));
    }

    pub(crate) fn remove(&self, folder: &str, name: &str) {
        Self::now(self.objects.delete(&Path::from(folder).join(name)));
    }

    pub(crate) fn uploads(&self) -> &Uploads {
        &self.uploads
    }
}

#[async_trait]
impl MultipartStore for Uploads {
    async fn create_multipart(&self, path: &Path) -> Result<MultipartId> {
        self.open.fetch_add(1, Ordering::SeqCst);
        self.objects.create_multipart(path).await
    }

    async fn put_part(&self, path: &Path, id: &MultipartId, number: usize, part: PutPayload) -> Result<PartId> {
        let bytes = part.content_length();
        let on_the_way = self.on_the_way.fetch_add(bytes, Ordering::SeqCst) + bytes;
        self.most_on_the_way.fetch_max(on_the_way, Ordering::SeqCst);
        // As long as others take to come, too.
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        self.on_the_way.fetch_sub(bytes, Ordering::SeqCst);
        match self.parts_left.load(Ordering::SeqCst) {
            0 => {}
            1 => return Err(Error::Generic { store: "memory", source: "the line was cut".into() }),
            _ => drop(self.parts_left.fetch_sub(1, Ordering::SeqCst)),
        }
        self.objects.put_part(path, id, number, part).await
    }

    async fn complete_multipart(&self, path: &Path, id: &MultipartId, parts: Vec<PartId>) -> Result<PutResult> {
        let completed = self.objects.complete_multipart(path, id, parts).await?;
        self.open.fetch_sub(1, Ordering::SeqCst);
        Ok(completed)
    }

    async fn abort_multipart(&self, path: &Path, id: &MultipartId) -> Result<()> {
        self.objects.abort_multipart(path, id).await?;
        self.open.fetch_sub(1, Ordering::SeqCst);
        Ok(())
    }
}
