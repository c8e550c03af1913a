//! The version of `wasm-bindgen` that the lock files of this repository name.

use anyhow::{Context as _, Result, anyhow, bail};
use serde::Deserialize;

use crate::support::workspace::Workspace;

#[derive(Debug, Deserialize)]
struct Lock {
    package: Vec<LockedPackage>,
}

#[derive(Debug, Deserialize)]
struct LockedPackage {
    name: String,
    version: String,
}

/// The version of the application's `wasm-bindgen`, which the tool in `folder` must have as well.
///
/// # Errors
/// When a lock file cannot be read, or the versions in both differ.
pub(super) fn locked_wasm_bindgen(workspace: &Workspace, folder: &str) -> Result<String> {
    let read = |file: &str| {
        let file = workspace.file(file);
        let text = std::fs::read_to_string(&file);
        text.with_context(|| format!("could not read {}", file.display()))
    };
    let of_page = locked_version(&read("Cargo.lock")?, "wasm-bindgen")?;
    let lock = read(&format!("{folder}/Cargo.lock"))?;
    let of_library = locked_version(&lock, "wasm-bindgen-cli-support")?;
    let name = folder.rsplit('/').next().unwrap_or_default();
    let of_tool = locked_version(&lock, name)?;
    if of_page != of_library || of_page != of_tool {
        bail!(
            "Cargo.lock has wasm-bindgen {of_page}, but {folder} is {of_tool} with {of_library}; write {of_page} into \
             its Cargo.toml and run: cargo update --manifest-path {folder}/Cargo.toml"
        );
    }
    Ok(of_page)
}

/// The version of `package` in the text of a Cargo.lock.
fn locked_version(lock: &str, package: &str) -> Result<String> {
    let lock: Lock = toml::from_str(lock).context("Cargo.lock is not a lock file of Cargo")?;
    lock.package
        .into_iter()
        .find(|locked| locked.name == package)
        .map(|locked| locked.version)
        .ok_or_else(|| anyhow!("Cargo.lock names no `{package}`, so its tool cannot be chosen"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = r#"
        version = 4

        [[package]]
        name = "wasm-bindgen-macro"
        version = "0.2.99"

        [[package]]
        name = "wasm-bindgen"
        version = "0.2.130"
        dependencies = ["wasm-bindgen-macro"]
    "#;

    #[test]
    fn reads_the_version_of_exactly_the_named_package() {
        assert_eq!(locked_version(LOCK, "wasm-bindgen").unwrap(), "0.2.130");
    }

    #[test]
    fn says_which_package_is_not_locked() {
        let message = locked_version(LOCK, "leptos").unwrap_err().to_string();
        assert!(message.contains("`leptos`"), "{message}");
    }

    #[tokio::test]
    async fn the_tools_are_pinned_to_the_wasm_bindgen_of_the_application() {
        let workspace = Workspace::find().await.unwrap();
        for name in ["wasm-bindgen", "wasm-bindgen-test-runner"] {
            locked_wasm_bindgen(&workspace, &format!("xtask/tools/{name}")).unwrap();
        }
    }
}
