//! What a file keeps when another takes its name: owner, permissions, extended attributes.

use std::fs::File;
use std::io;
use std::path::Path;

/// Gives `file` the attributes of `original`, as far as this process may; what could not be kept is told, and nobody
/// gets more rights than before.
#[cfg(unix)]
pub(crate) fn copy(original: &Path, file: &File) -> io::Result<Vec<String>> {
    use std::fs::Permissions;
    use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};

    let (wanted, own) = (std::fs::metadata(original)?, file.metadata()?);
    let mut lost = copy_extended(original, file);
    let group = own.gid() == wanted.gid() || fchown(file, None, Some(wanted.gid())).is_ok();
    let owner = own.uid() == wanted.uid() || fchown(file, Some(wanted.uid()), None).is_ok();
    let mut mode = wanted.mode() & 0o7777;
    if !group {
        // What the group may, another group may only where everybody may.
        mode &= 0o7707 | (mode & 0o007) << 3;
        lost.push(format!("its group {}", wanted.gid()));
    }
    if !owner {
        lost.push(format!("its owner {}", wanted.uid()));
    }
    if !(group && owner) {
        // Programs that run as their owner would run as another.
        mode &= 0o0777;
    }
    if file.set_permissions(Permissions::from_mode(mode)).is_err() && own.mode() & 0o7777 != mode {
        lost.push(format!("its permissions {mode:o}"));
    }
    Ok(lost)
}

/// Files of other systems get the attributes of their folder.
#[cfg(not(unix))]
pub(crate) fn copy(_: &Path, _: &File) -> io::Result<Vec<String>> {
    Ok(Vec::new())
}

/// Copies extended attributes, access lists among them: the names of those that could not be.
#[cfg(unix)]
fn copy_extended(original: &Path, file: &File) -> Vec<String> {
    use xattr::FileExt;
    // A file system without them has none to keep.
    let names = xattr::list(original).into_iter().flatten();
    let copied = |name: &std::ffi::OsStr| match xattr::get(original, name)? {
        Some(value) if file.get_xattr(name)?.as_ref() != Some(&value) => file.set_xattr(name, &value),
        _ => Ok(()),
    };
    let failed = names.filter(|name| copied(name).is_err());
    failed.map(|name| format!("its extended attribute {}", name.to_string_lossy())).collect()
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    #[test]
    fn permissions_and_extended_attributes_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let [old, new] = ["old", "new"].map(|name| folder.path().join(name));
        for bits in [0o600, 0o640, 0o664, 0o755, 0o444, 0o000] {
            std::fs::write(&old, "").unwrap();
            let has_extended = xattr::set(&old, "user.origin", b"here").is_ok();
            std::fs::set_permissions(&old, std::fs::Permissions::from_mode(bits)).unwrap();
            let file = File::create(&new).unwrap();
            let lost = copy(&old, &file).unwrap();
            assert!(lost.is_empty() || bits & 0o400 == 0, "{bits:o}: {lost:?}");
            assert_eq!(mode(&new), bits);
            assert!(
                !has_extended
                    || !lost.is_empty()
                    || xattr::get(&new, "user.origin").unwrap().as_deref() == Some(b"here")
            );
            std::fs::remove_file(&old).unwrap();
            std::fs::remove_file(&new).unwrap();
        }
    }
}
