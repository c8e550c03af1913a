//! A site on Firebase Hosting: a folder with the files and the generated `firebase.json`, handed to Firebase's own CLI.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use hosting_rules::{Destinations, Headers, Page};
use serde_json::Value;
use tokio::process::Command;

use super::release::Release;
use crate::{cache, process, report, workspace::Workspace};

/// What is written when there is no release: the rules, with a placeholder where the hash of a release goes.
const TEMPLATE: &str = "infra/firebase.json";

/// The configuration that the template speaks of.
const EXAMPLE: &str = "public/config.example.json";

/// Publishes `release` in the Firebase project `project`, or in the one that the CLI has been told to use.
///
/// # Errors
/// When there is no CLI, or it fails. Firebase then serves what it served before.
pub(crate) async fn publish(
    workspace: &Workspace,
    release: &Release,
    project: Option<&str>,
) -> Result<()> {
    let folder = stage(workspace, release)?;
    report::line(format_args!(
        "==> Wrote {}",
        folder.join("firebase.json").display()
    ));
    let cli = process::find_program("firebase").with_context(|| {
        format!(
            "there is no `firebase` on PATH. `npm install --global firebase-tools` gets it and `firebase login` lets it \
             in; what it is to publish is ready in {}",
            folder.display()
        )
    })?;
    let mut command = Command::new(cli);
    command
        .args(["deploy", "--only", "hosting", "--non-interactive"])
        .args(
            project
                .into_iter()
                .flat_map(|project| ["--project", project]),
        )
        .current_dir(folder);
    process::run(command).await
}

/// Writes the folder that the CLI publishes. It takes no files from outside of the folder of `firebase.json`.
fn stage(workspace: &Workspace, release: &Release) -> Result<PathBuf> {
    let folder = workspace.target.join("hosting/firebase");
    cache::remove_folder(&folder)?;
    for path in release.paths() {
        let file = folder.join("public").join(path.trim_start_matches('/'));
        write(&file, &release.content(path)?.plain)?;
    }
    write(
        &folder.join("firebase.json"),
        text(&release.headers())?.as_bytes(),
    )?;
    Ok(folder)
}

/// Writes `infra/firebase.json` anew.
///
/// # Errors
/// When the example's configuration cannot be read or the file cannot be written.
pub(crate) fn write_template(workspace: &Workspace) -> Result<()> {
    let example = workspace.file(EXAMPLE);
    let example = fs::read_to_string(&example)
        .with_context(|| format!("could not read {}", example.display()))?;
    let headers = Headers::new(&Page::placeholder(), &Destinations::of(&example)?);
    write(&workspace.file(TEMPLATE), text(&headers)?.as_bytes())
}

fn text(headers: &Headers) -> Result<String> {
    let json: Value = hosting_rules::firebase_json(headers);
    Ok(serde_json::to_string_pretty(&json)? + "\n")
}

fn write(file: &Path, content: &[u8]) -> Result<()> {
    let parent = file.parent().unwrap_or(file);
    fs::create_dir_all(parent).with_context(|| format!("could not create {}", parent.display()))?;
    fs::write(file, content).with_context(|| format!("could not write {}", file.display()))
}
