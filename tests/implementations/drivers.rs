//! The Vulkan drivers of two software adapters.

use std::path::{Path, PathBuf};

/// Mesa's lavapipe and SwiftShader, as files for `VK_DRIVER_FILES`.
pub(crate) fn drivers() -> [String; 2] {
    let lavapipe = std::fs::read_dir("/usr/share/vulkan/icd.d")
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .find(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("lvp_icd")));
    let swiftshader = Some(PathBuf::from("/usr/lib/chromium/vk_swiftshader_icd.json")).filter(|path| path.exists());
    let found = |path: Option<PathBuf>, package| {
        path.unwrap_or_else(|| panic!("install {package}: scripts/test does it")).display().to_string()
    };
    let both = [found(lavapipe, "mesa-vulkan-drivers"), found(swiftshader, "chromium-common")];
    assert!(both.iter().all(|path| Path::new(path).exists()));
    both
}
