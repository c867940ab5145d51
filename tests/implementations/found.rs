//! What wgpu makes of a document, in the JSON that every runner prints.

use serde_json::{Value, json};

use crate::document::sha256;
use crate::runner::Runner;

/// The adapter, and the digest of every destination.
pub(crate) fn found(document: &Value) -> Value {
    let runner = Runner::new();
    let digests: serde_json::Map<_, _> =
        runner.run(document).into_iter().map(|(tensor, bytes)| (tensor, sha256(&bytes).into())).collect();
    json!({"adapter": runner.adapter, "digests": digests})
}
