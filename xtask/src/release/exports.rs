//! Functions of the module that nothing calls: Leptos brings classes for streams, which wasm-bindgen exports and no script
//! of this page uses.

use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use tokio::process::Command;

use crate::support::process;

/// Removes from `module` each export that `script` does not name, and what only those exports reach.
///
/// # Errors
/// When Binaryen fails.
pub(crate) async fn remove_unused(binaryen: &Path, module: &Path, script: &str) -> Result<()> {
    let graph = module.with_extension("graph.json");
    std::fs::write(&graph, graph_of(script).to_string())
        .with_context(|| format!("could not write {}", graph.display()))?;
    let mut command = Command::new(binaryen.join("wasm-metadce"));
    command
        .arg(module)
        .arg("--graph-file")
        .arg(&graph)
        .args(FEATURES)
        .arg("-o")
        .arg(module)
        .stdout(std::process::Stdio::null());
    process::run(command).await?;
    std::fs::remove_file(&graph).with_context(|| format!("could not remove {}", graph.display()))
}

/// What the module uses. `wasm-metadce`, unlike `wasm-opt`, does not read it from the module.
const FEATURES: [&str; 7] = [
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// Every word of the script that can be the name of an export, as a root.
fn graph_of(script: &str) -> Value {
    let is_part = |character: char| character.is_ascii_alphanumeric() || "_$".contains(character);
    let mut words: Vec<&str> = script
        .split(|character| !is_part(character))
        .filter(|word| !word.is_empty())
        .collect();
    words.sort_unstable();
    words.dedup();
    let nodes = words
        .into_iter()
        .map(|word| json!({ "name": word, "export": word, "root": true }));
    Value::Array(nodes.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_of_the_script_is_a_root_once() {
        let graph = graph_of("a.memory;let{memory:b}=c");
        let words: Vec<_> = graph
            .as_array()
            .unwrap()
            .iter()
            .map(|node| &node["export"])
            .collect();
        assert_eq!(words, ["a", "b", "c", "let", "memory"]);
    }
}
