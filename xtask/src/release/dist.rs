//! `cargo xtask dist`: the release as it is hosted, with compressed copies and a check of its size.

use std::{
    ffi::OsStr,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};
use flate2::{Compression, write::GzEncoder};
use tokio::process::Command;

use super::{
    bundle, kept, minify,
    size::{self, FileSize},
    tools::Tools,
};
use crate::support::{
    cache::{self, Cache},
    files::files_below,
    process, report,
    tools::{self, cargo::WebTools},
    workspace::{Workspace, without_own_package},
};

/// The features of a release: those of `Trunk.toml`, and parts that are loaded later.
const FEATURES: &str = "signer-module,split";

/// What is worth compressing; images and fonts are compressed already.
const COMPRESSED: [&str; 7] = ["html", "js", "wasm", "css", "json", "svg", "webmanifest"];
const BROTLI_QUALITY: i32 = 11;
const BROTLI_WINDOW: i32 = 22;

/// A release as it is hosted.
#[derive(Debug)]
pub(crate) struct Release {
    /// Its folder.
    pub(crate) dist: PathBuf,
    files: Vec<FileSize>,
}

impl Release {
    /// Prints how large each file is.
    ///
    /// # Errors
    /// When a first visit would load more than the budget.
    pub(crate) fn check_size(&self) -> Result<()> {
        report::line(size::table(&self.files));
        match size::over_budget(&self.files) {
            Some(message) => bail!("{message}"),
            None => Ok(()),
        }
    }
}

/// Builds the release into the folder `dist`, unless it is there and nothing has changed since.
///
/// # Errors
/// When a tool is missing or the build fails.
pub(crate) async fn build(workspace: &Workspace, cache: &Cache, dist: &Path) -> Result<Release> {
    tools::wasm_target::ensure().await?;
    let web_tools = tools::cargo::web_tools(workspace, cache, tools::cargo::Page::InParts).await?;
    let wasm_opt = tools::node::wasm_opt(workspace, cache).await?;
    let terser = tools::node::terser(workspace, cache).await?;
    let esbuild = tools::node::esbuild(workspace, cache).await?;

    let tools = Tools {
        esbuild,
        binaryen: wasm_opt,
        terser,
    };

    // Two builds at once would write to the same folders of Cargo's.
    let lock = workspace.target.join(".release.lock");
    let _lock = cache::wait_for_lock(&lock, "is building the release").await?;
    let record = kept::Record::open(&workspace.root, &workspace.target, dist, &[]).await?;
    if record.is_of(dist) {
        report::line("==> The release is built, and nothing has changed since");
    } else {
        build_anew(workspace, dist, &web_tools, tools).await?;
        record.write(dist)?;
    }
    let files = sizes(dist)?;
    Ok(Release {
        dist: dist.to_owned(),
        files,
    })
}

async fn build_anew(
    workspace: &Workspace,
    dist: &Path,
    web_tools: &WebTools,
    tools: Tools,
) -> Result<()> {
    let step = report::step("Build the release");
    cache::remove_folder(dist)?;
    // Trunk copies the parts of the build before too, and the number of parts changes with the code.
    cache::remove_folder(&workspace.target.join("wasm-bindgen/release"))?;
    let mut command = Command::new(web_tools.trunk.join("trunk"));
    without_own_package(command.as_std_mut());
    command
        .args(["build", "--release", "--features", FEATURES, "--dist"])
        .arg(dist)
        .env(
            "PATH",
            process::path_with(&[&web_tools.wasm_bindgen, &tools.binaryen])?,
        )
        .env("TRUNK_SKIP_VERSION_CHECK", "true")
        .current_dir(&workspace.root);
    process::run(command).await?;
    remove_local_configuration(dist)?;
    bundle::page(dist, &tools).await?;
    minify::scripts(dist, &tools.terser).await?;
    step.done();

    let step = report::step("Compress it");
    let folder = dist.to_owned();
    let compressed = tokio::task::spawn_blocking(move || compress(&folder));
    compressed.await.context("compressing was interrupted")??;
    step.done();
    Ok(())
}

/// The configuration of this machine's local cloud has no place in a release.
fn remove_local_configuration(dist: &Path) -> Result<()> {
    let file = dist.join("config.json");
    match fs::remove_file(&file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("could not remove {}", file.display()))
        }
        _ => Ok(()),
    }
}

/// Writes a `.gz` and a `.br` copy beside each file that is worth it.
fn compress(dist: &Path) -> Result<()> {
    for file in files_below(dist)? {
        if is_compressed(&file) {
            let content =
                fs::read(&file).with_context(|| format!("could not read {}", file.display()))?;
            write_copy(&file, "gz", &gzip(&content)?)?;
            write_copy(&file, "br", &brotli(&content)?)?;
        }
    }
    Ok(())
}

fn is_compressed(file: &Path) -> bool {
    let extension = file.extension().unwrap_or_default().to_string_lossy();
    COMPRESSED.contains(&extension.as_ref())
}

/// The sizes of the files of a release and of their copies.
fn sizes(dist: &Path) -> Result<Vec<FileSize>> {
    let mut sizes = Vec::new();
    for file in files_below(dist)? {
        if ["gz", "br"]
            .map(OsStr::new)
            .contains(&file.extension().unwrap_or_default())
        {
            continue;
        }
        let raw = length(&file)?;
        let (gzip, brotli) = if is_compressed(&file) {
            (
                length(&copy_of(&file, "gz"))?,
                length(&copy_of(&file, "br"))?,
            )
        } else {
            (raw, raw)
        };
        let path = file.strip_prefix(dist).unwrap_or(&file);
        sizes.push(FileSize {
            path: path.display().to_string(),
            raw,
            gzip,
            brotli,
        });
    }
    Ok(sizes)
}

fn gzip(content: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content).context("gzip")?;
    encoder.finish().context("gzip")
}

pub(crate) fn brotli(mut content: &[u8]) -> Result<Vec<u8>> {
    let mut compressed = Vec::new();
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: BROTLI_QUALITY,
        lgwin: BROTLI_WINDOW,
        size_hint: content.len(),
        ..Default::default()
    };
    brotli::BrotliCompress(&mut content, &mut compressed, &parameters).context("brotli")?;
    Ok(compressed)
}

fn write_copy(file: &Path, extension: &str, content: &[u8]) -> Result<()> {
    let copy = copy_of(file, extension);
    fs::write(&copy, content).with_context(|| format!("could not write {}", copy.display()))
}

/// The compressed copy of a file: `gz` or `br`.
pub(crate) fn copy_of(file: &Path, extension: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    PathBuf::from(name)
}

fn length(file: &Path) -> Result<u64> {
    let metadata = fs::metadata(file);
    let metadata = metadata.with_context(|| format!("could not read {}", file.display()))?;
    Ok(metadata.len())
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn compresses_text_and_leaves_images_alone() {
        let dist = tempfile::tempdir().unwrap();
        fs::create_dir(dist.path().join("icons")).unwrap();
        fs::write(dist.path().join("app.js"), "let a = 1;".repeat(100)).unwrap();
        fs::write(dist.path().join("icons/logo.png"), "image").unwrap();

        compress(dist.path()).unwrap();
        let mut sizes = sizes(dist.path()).unwrap();
        sizes.sort_by(|a, b| a.path.cmp(&b.path));

        let [script, image] = sizes.as_slice() else {
            panic!("{sizes:?}")
        };
        assert_eq!((script.path.as_str(), script.raw), ("app.js", 1000));
        assert!(script.brotli < 100 && script.gzip < 100, "{script:?}");
        assert_eq!((image.path.as_str(), image.brotli), ("icons/logo.png", 5));
        assert!(!dist.path().join("icons/logo.png.br").exists());
    }

    #[test]
    fn the_copies_unpack_to_the_original() {
        let content = b"velvet rope ".repeat(50);
        let mut unpacked = Vec::new();
        let packed = gzip(&content).unwrap();
        flate2::read::GzDecoder::new(packed.as_slice())
            .read_to_end(&mut unpacked)
            .unwrap();
        assert_eq!(unpacked, content);

        let mut unpacked = Vec::new();
        let packed = brotli(&content).unwrap();
        brotli::BrotliDecompress(&mut packed.as_slice(), &mut unpacked).unwrap();
        assert_eq!(unpacked, content);
    }

    #[test]
    fn a_local_configuration_does_not_stay_in_the_release() {
        let dist = tempfile::tempdir().unwrap();
        fs::write(dist.path().join("config.json"), "{}").unwrap();
        remove_local_configuration(dist.path()).unwrap();
        remove_local_configuration(dist.path()).unwrap();
        assert!(!dist.path().join("config.json").exists());
    }
}
