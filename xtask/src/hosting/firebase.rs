//! A site on Firebase Hosting: a folder with the files and the generated `firebase.json`, handed to Firebase's own CLI.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use hosting_rules::{Destinations, Headers, PLACEHOLDER_FILE, Page};
use serde_json::Value;
use tokio::process::Command;

use super::release::Release;
use crate::support::{cache, process, report, workspace::Workspace};

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
    let folder = stage(&workspace.target, release)?;
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
    process::run(deploy(&cli, &folder, project)).await
}

fn deploy(cli: &Path, folder: &Path, project: Option<&str>) -> Command {
    let mut command = Command::new(cli);
    command
        .args(["deploy", "--only", "hosting", "--non-interactive"])
        .args(
            project
                .into_iter()
                .flat_map(|project| ["--project", project]),
        )
        .current_dir(folder);
    command
}

/// Writes the folder that the CLI publishes, and answers where it is. The CLI takes no files from outside of the folder of
/// `firebase.json`.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn stage(target: &Path, release: &Release) -> Result<PathBuf> {
    let folder = target.join("hosting/firebase");
    cache::remove_folder(&folder)?;
    for path in release.paths() {
        let file = folder.join("public").join(path.trim_start_matches('/'));
        write(&file, &release.content(path)?.plain)?;
    }
    let mut hashed = release.paths();
    hashed.retain(|path| hosting_rules::is_hashed(path));
    write(
        &folder.join("firebase.json"),
        text(&release.headers(), &hashed)?.as_bytes(),
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
    write(
        &workspace.file(TEMPLATE),
        text(&headers, &[PLACEHOLDER_FILE])?.as_bytes(),
    )
}

fn text(headers: &Headers, hashed: &[&str]) -> Result<String> {
    let json: Value = hosting_rules::firebase_json(headers, hashed);
    Ok(serde_json::to_string_pretty(&json)? + "\n")
}

fn write(file: &Path, content: &[u8]) -> Result<()> {
    let parent = file.parent().unwrap_or(file);
    fs::create_dir_all(parent).with_context(|| format!("could not create {}", parent.display()))?;
    fs::write(file, content).with_context(|| format!("could not write {}", file.display()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::hosting::release::tests::{CONFIG_JSON, small_release};

    /// Stands in for the Firebase CLI: notes where it was called and with what.
    const FAKE_CLI: &str =
        "#!/bin/sh\npwd > called\necho \"$@\" >> called\nexit \"$(cat exit-code)\"\n";

    struct Run {
        outcome: Result<()>,
        called: String,
        folder: PathBuf,
        _target: tempfile::TempDir,
    }

    async fn publish_with(exit_code: &str) -> Run {
        let target = tempfile::tempdir().unwrap();
        let cli = target.path().join("fake-firebase");
        fs::write(&cli, FAKE_CLI).unwrap();
        fs::set_permissions(&cli, fs::Permissions::from_mode(0o755)).unwrap();
        let dist = small_release("0123456789abcdef");
        let release = Release::read(dist.path(), CONFIG_JSON.to_owned(), &[])
            .await
            .unwrap();
        let folder = stage(target.path(), &release).unwrap();
        fs::write(folder.join("exit-code"), exit_code).unwrap();
        let outcome = process::run(deploy(&cli, &folder, Some("my-project"))).await;
        Run {
            outcome,
            called: fs::read_to_string(folder.join("called")).unwrap(),
            folder,
            _target: target,
        }
    }

    #[tokio::test]
    async fn hands_the_cli_a_folder_with_everything_in_it() {
        let run = publish_with("0").await;
        run.outcome.unwrap();
        let folder = run.folder.canonicalize().unwrap();
        let expected = format!(
            "{}\ndeploy --only hosting --non-interactive --project my-project\n",
            folder.display()
        );
        assert_eq!(run.called, expected);
        let public = folder.join("public");
        assert_eq!(
            fs::read_to_string(public.join("config.json")).unwrap(),
            CONFIG_JSON
        );
        assert_eq!(
            fs::read_to_string(public.join("icons/logo.png")).unwrap(),
            "image"
        );
        assert!(!public.join("index.html.br").exists());
        let json = fs::read_to_string(folder.join("firebase.json")).unwrap();
        // printf 'start()' | openssl dgst -sha256 -binary | base64
        assert!(
            json.contains("'sha256-DIm7WJS6ZKDYe5qFLPy+h4JFI9Bol5QmYC57mt3Fb00='"),
            "{json}"
        );
    }

    #[tokio::test]
    async fn a_cli_that_fails_fails_the_publication() {
        let failure = publish_with("7").await.outcome.unwrap_err().to_string();
        assert!(failure.contains("exit status: 7"), "{failure}");
    }
}
