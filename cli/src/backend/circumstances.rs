//! What decides whether a driver works: this program, the files that drivers are found by and made of, and the
//! variables that they read. Only on Linux, where a process can see what it has loaded.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use twox_hash::XxHash64;

/// Beginnings of the names of variables by which loaders and drivers are told what to do.
const VARIABLES: [&str; 17] = [
    "VK_",
    "WGPU_",
    "XDG_CONFIG_",
    "XDG_DATA_",
    "LD_",
    "MESA_",
    "GALLIUM_",
    "LIBGL_",
    "LP_",
    "DRI_",
    "RADV_",
    "AMD_",
    "ANV_",
    "INTEL_",
    "NVK_",
    "__GL",
    "__NV",
];

/// Those that name drivers to Vulkan's loader: files or folders, one after the other.
const DRIVERS: [&str; 3] = ["VK_DRIVER_FILES", "VK_ICD_FILENAMES", "VK_ADD_DRIVER_FILES"];

/// A file as it was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Stamp {
    path: PathBuf,
    bytes: u64,
    modified: SystemTime,
}

impl Stamp {
    fn of(path: &Path) -> Option<Self> {
        let found = std::fs::metadata(path).ok()?;
        Some(Self { path: path.to_owned(), bytes: found.len(), modified: found.modified().ok()? })
    }
}

/// All of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Circumstances {
    program: String,
    variables: BTreeMap<String, String>,
    /// The files that name drivers, and layers between them and programs, to Vulkan's loader.
    manifests: Vec<Stamp>,
    /// The program's file and the libraries that drivers brought into it.
    libraries: Vec<Stamp>,
}

impl Circumstances {
    /// Those of now, in which a process has loaded `libraries`. None where one of these is not a file any more.
    pub(super) fn with(libraries: &[PathBuf]) -> Option<Self> {
        Some(Self {
            program: program(),
            variables: variables(),
            manifests: manifests(),
            libraries: libraries.iter().map(|path| Stamp::of(path)).collect::<Option<_>>()?,
        })
    }

    /// Whether they are still the same.
    pub(super) fn hold(&self) -> bool {
        let paths: Vec<_> = self.libraries.iter().map(|stamp| stamp.path.clone()).collect();
        !paths.is_empty() && Self::with(&paths).as_ref() == Some(self)
    }
}

/// A number for this program and the variables of now: processes with others need not know of each other.
pub(super) fn number() -> u64 {
    let text = format!("{} {:?}", program(), variables());
    XxHash64::oneshot(0, text.as_bytes())
}

/// The files that this process runs: its own and libraries. Nothing where that cannot be seen.
pub(super) fn loaded() -> Vec<PathBuf> {
    if !cfg!(target_os = "linux") {
        return Vec::new();
    }
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap_or_default();
    // Address, permissions, offset, device, inode, path.
    let executed = maps.lines().filter(|line| line.split(' ').nth(1).is_some_and(|allowed| allowed.contains('x')));
    let mut files: Vec<_> =
        executed.filter_map(|line| line.find('/').map(|path| PathBuf::from(&line[path..]))).collect();
    // Wherever in memory they are this time.
    files.sort();
    files.dedup();
    files
}

fn program() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

fn variables() -> BTreeMap<String, String> {
    let all = std::env::vars_os().map(|(name, value)| (text(&name), text(&value)));
    all.filter(|(name, _)| VARIABLES.iter().any(|beginning| name.starts_with(beginning))).collect()
}

fn text(text: &std::ffi::OsStr) -> String {
    text.to_string_lossy().into_owned()
}

/// In the folders where Vulkan's loader looks, and in those places that variables name.
fn manifests() -> Vec<Stamp> {
    let home = std::env::home_dir().unwrap_or_default();
    let paths = |variable: &str, otherwise: &str| -> Vec<PathBuf> {
        let value = std::env::var_os(variable).filter(|value| !value.is_empty());
        std::env::split_paths(&value.unwrap_or_else(|| otherwise.into())).collect()
    };
    let own = |folder: &str| home.join(folder).display().to_string();
    let folders = [
        paths("XDG_CONFIG_HOME", &own(".config")),
        paths("XDG_CONFIG_DIRS", "/etc/xdg"),
        paths("", "/usr/local/etc:/etc"),
        paths("XDG_DATA_HOME", &own(".local/share")),
        paths("XDG_DATA_DIRS", "/usr/local/share:/usr/share"),
    ];
    let folders = folders.iter().flatten();
    let kinds = folders.flat_map(|folder| ["icd.d", "implicit_layer.d"].map(|kind| folder.join("vulkan").join(kind)));
    let named = DRIVERS.iter().flat_map(|variable| paths(variable, ""));
    kinds.chain(named).flat_map(|place| files(&place)).collect()
}

/// The files of a folder, or the one that it is.
fn files(place: &Path) -> Vec<Stamp> {
    // As another process finds it, whose folder is another.
    let Ok(place) = std::path::absolute(place) else { return Vec::new() };
    let mut paths = match std::fs::read_dir(&place) {
        Ok(entries) => entries.flatten().map(|entry| entry.path()).collect(),
        Err(_) => vec![place],
    };
    paths.sort();
    paths.iter().filter_map(|path| Stamp::of(path)).collect()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_process_sees_what_it_has_loaded() {
        let loaded = loaded();
        assert!(loaded.contains(&std::env::current_exe().unwrap()), "{loaded:?}");
        assert!(loaded.iter().any(|path| path.to_string_lossy().contains("libc.so")), "{loaded:?}");
    }

    #[test]
    fn circumstances_hold_until_a_file_changes() {
        let folder = tempfile::tempdir().unwrap();
        let library = folder.path().join("driver.so");
        std::fs::write(&library, "one").unwrap();
        let libraries = [library.clone()];
        let before = Circumstances::with(&libraries).unwrap();
        let read: Circumstances = serde_json::from_str(&serde_json::to_string(&before).unwrap()).unwrap();
        assert!(before.hold() && read == before);
        let modified = std::fs::metadata(&library).unwrap().modified().unwrap();
        std::fs::write(&library, "four").unwrap();
        std::fs::File::options().write(true).open(&library).unwrap().set_modified(modified).unwrap();
        assert!(!before.hold(), "another size");
        std::fs::write(&library, "two").unwrap();
        let later = modified + std::time::Duration::from_secs(1);
        std::fs::File::options().write(true).open(&library).unwrap().set_modified(later).unwrap();
        assert!(!before.hold(), "another time");
        std::fs::remove_file(&library).unwrap();
        assert!(!before.hold() && Circumstances::with(&libraries).is_none(), "no file");
        assert!(!Circumstances::with(&[]).unwrap().hold(), "nothing was seen");
    }

    #[test]
    fn folders_and_files_name_drivers() {
        let folder = tempfile::tempdir().unwrap();
        let [b, a] = ["b.json", "a.json"].map(|name| folder.path().join(name));
        for path in [&b, &a] {
            std::fs::write(path, "{}").unwrap();
        }
        let paths = |place: &Path| files(place).into_iter().map(|stamp| stamp.path).collect::<Vec<_>>();
        assert_eq!((paths(folder.path()), paths(&b)), (vec![a, b.clone()], vec![b]));
        assert_eq!(files(&folder.path().join("none")), []);
    }
}
