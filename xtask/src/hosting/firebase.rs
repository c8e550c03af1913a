//! A site on Firebase Hosting: a folder with the files and the generated `firebase.json`, handed to Firebase's own CLI.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use hosting_rules::{Destinations, Headers, PLACEHOLDER_FILE, Page};
use serde_json::Value;
use tokio::process::Command;

use super::release::Release;
use crate::support::{cache, files::files_below, process, report, workspace::Workspace};

/// What is written when there is no release: the rules, with a placeholder where the hash of a release goes.
const TEMPLATE: &str = "infra/firebase.json";

/// In the folder: the paths of the files of its own release, without those that are kept of the one before.
const RELEASE: &str = "release.txt";

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
/// Firebase serves only what the folder has. It therefore keeps the files of the release that it had before, for tabs that
/// were opened with it.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn stage(target: &Path, release: &Release) -> Result<PathBuf> {
    let folder = target.join("hosting/firebase");
    let mut hashed = release.paths();
    hashed.retain(|path| hosting_rules::is_hashed(path));
    let before = release_before(&folder, &hashed)?;
    cache::remove_folder(&folder)?;
    let public = |path: &str| folder.join("public").join(path.trim_start_matches('/'));
    for (path, content) in &before {
        write(&public(path), content)?;
    }
    for path in release.paths() {
        write(&public(path), &release.content(path)?.plain)?;
    }
    write(&folder.join(RELEASE), hashed.join("\n").as_bytes())?;
    let kept = before.keys().map(String::as_str);
    hashed.extend(kept.filter(|path| !release.paths().contains(path)));
    write(
        &folder.join("firebase.json"),
        text(&release.headers(), &hashed)?.as_bytes(),
    )?;
    Ok(folder)
}

/// The files in `folder` that are named after their content and belong to the release before that of the files `now`.
/// Publishing the same release again, with another configuration, drops nothing.
fn release_before(folder: &Path, now: &[&str]) -> Result<BTreeMap<String, Vec<u8>>> {
    // Nothing was published from this folder yet.
    let Ok(last) = fs::read_to_string(folder.join(RELEASE)) else {
        return Ok(BTreeMap::new());
    };
    let last: Vec<&str> = last.lines().collect();
    let same = last == now;
    let public = folder.join("public");
    let mut files = BTreeMap::new();
    for file in files_below(&public)? {
        let path = file.strip_prefix(&public).unwrap_or(&file).display();
        let path = format!("/{path}");
        if hosting_rules::is_hashed(&path) && (same || last.contains(&path.as_str())) {
            let content = fs::read(&file);
            let content = content.with_context(|| format!("could not read {}", file.display()))?;
            files.insert(path, content);
        }
    }
    Ok(files)
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
    async fn the_files_of_the_release_before_stay_and_older_ones_do_not() {
        let target = tempfile::tempdir().unwrap();
        let scripts = |folder: &Path| {
            let files = files_below(&folder.join("public")).unwrap();
            let names = files
                .iter()
                .map(|file| file.file_name().unwrap().to_string_lossy());
            let hashed = names.filter(|name| hosting_rules::is_hashed(name));
            let mut hashed: Vec<String> = hashed.map(std::borrow::Cow::into_owned).collect();
            hashed.sort_unstable();
            hashed
        };
        let mut expected = Vec::new();
        for hash in [
            "0123456789abcdef",
            "1123456789abcdef",
            "1123456789abcdef",
            "2123456789abcdef",
        ] {
            let dist = small_release(hash);
            let release = Release::read(dist.path(), CONFIG_JSON.to_owned(), &[])
                .await
                .unwrap();
            let folder = stage(target.path(), &release).unwrap();
            let staged = scripts(&folder);
            expected.push(staged.iter().filter(|name| name.contains(hash)).count());
            let previous = staged.iter().filter(|name| !name.contains(hash)).count();
            expected.push(previous);
            let json = fs::read_to_string(folder.join("firebase.json")).unwrap();
            for name in &staged {
                assert!(json.contains(name), "{json}");
            }
            assert!(
                !staged
                    .iter()
                    .any(|name| hash.starts_with('2') && name.contains("-0123"))
            );
        }
        let own = expected[0];
        assert!(own > 0);
        assert_eq!(expected, [own, 0, own, own, own, own, own, own]);
    }

    #[tokio::test]
    async fn a_cli_that_fails_fails_the_publication() {
        let failure = publish_with("7").await.outcome.unwrap_err().to_string();
        assert!(failure.contains("exit status: 7"), "{failure}");
    }
}
