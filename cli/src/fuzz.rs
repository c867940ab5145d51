//! What `fuzz/` calls: the parsers on any bytes, and what must hold for all that they accept.

use std::path::Path;

use crate::args::ModelArguments;
use crate::file::safetensors;
use crate::model::header;
use crate::model::index::Index;
use crate::model::job::Job;
use crate::model::source;
use crate::model::spec::Spec;

/// More would fill the memory with what models do not have.
const TENSORS: usize = 1000;

/// A spec, as far as its job and the header of its file.
pub fn spec(text: &str) {
    // No file is read: there is no such folder.
    let Ok(spec) = Spec::parse(text, Path::new("/nowhere/spec.toml"), &ModelArguments::default()) else { return };
    if let Ok(job) = Job::new(&spec) {
        check(&job);
    }
}

/// A shapes file, with what names decide.
pub fn shapes(text: &str) {
    if let Ok(tensors) = source::parse_shapes(text) {
        by_name(tensors);
    }
}

/// A checkpoint's index: whatever it says, its files are in its folder.
pub fn index(text: &str) {
    let folder = Path::new("/nowhere");
    let Ok(index) = Index::parse(text, &folder.join("model.safetensors.index.json")) else { return };
    assert!(index.tensors.iter().all(|(_, file)| *file < index.files.len()));
    for file in 0..index.files.len() {
        let place = index.place(file);
        let inside = place.strip_prefix(folder).expect("a file of the folder");
        assert!(inside.components().all(|component| matches!(component, std::path::Component::Normal(_))));
    }
}

/// A checkpoint's header, with what names decide.
pub fn header(bytes: &[u8]) {
    // As if the data that it promises were there: fuzzers do not write so much.
    let promised = |length| header::parse(bytes, length);
    let Ok((metadata, data)) = promised(bytes.len() as u64).or_else(|_| {
        let (length, rest) = bytes.split_first_chunk().ok_or_else(|| anyhow::anyhow!("short"))?;
        let length = usize::try_from(u64::from_le_bytes(*length))?;
        let header::Header { tensors, .. } =
            serde_json::from_slice(rest.get(..length).ok_or_else(|| anyhow::anyhow!("short"))?)?;
        let metadata = ::safetensors::tensor::Metadata::new(None, tensors)?;
        let data = (8 + length as u64).checked_add(metadata.data_len() as u64);
        promised(data.ok_or_else(|| anyhow::anyhow!("long"))?)
    }) else {
        return;
    };
    assert!(data >= 8);
    let declare = |name: &String| Some(header::Declared::new(name, metadata.info(name)?));
    by_name(metadata.offset_keys().iter().filter_map(declare).collect());
}

fn by_name(tensors: Vec<header::Declared>) {
    if tensors.len() > TENSORS || source::check(&tensors).is_err() {
        return;
    }
    let plain = ModelArguments { init: Some("glorot_uniform".to_owned()), ..ModelArguments::default() };
    let Ok(spec) = Spec::bare_of(tensors, None, &plain) else { return };
    if let Ok(job) = Job::new(&spec) {
        check(&job);
    }
}

/// Every job that is accepted makes a file that the safetensors crate accepts, with the tensors end to end.
fn check(job: &Job) {
    let Ok(header) = safetensors::header(&job.tensors, &safetensors::notes(job.seed)) else { return };
    let total = header.len() as u64 + job.bytes();
    let (metadata, data) = header::parse(&header[..], total).expect("a header of our own");
    assert_eq!(data, header.len() as u64);
    let mut end = 0;
    for tensor in &job.tensors {
        let info = metadata.info(&tensor.name).expect("a tensor of the job");
        assert_eq!(info.data_offsets, (end, end + tensor.bytes() as usize));
        end = info.data_offsets.1;
    }
}
