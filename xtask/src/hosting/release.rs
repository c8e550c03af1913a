//! What is to be published: the files of `dist/` and a configuration.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};
use hosting_rules::{CONFIG, Destinations, Headers, INDEX, Page};

use super::provider;
use crate::{
    release::dist,
    support::files::{files_below, read, read_text},
};

/// A release with the configuration that it is to be published with.
#[derive(Debug)]
pub(crate) struct Release {
    /// The scripts in its page.
    pub(crate) page: Page,
    /// With whom the page talks.
    pub(crate) destinations: Destinations,
    /// Paths on the site, from their slash on, and where each file is; without the compressed copies.
    files: BTreeMap<String, PathBuf>,
    config: String,
}

/// A file as it is sent to a host.
#[derive(Debug)]
pub(crate) struct Content {
    /// As it is.
    pub(crate) plain: Vec<u8>,
    /// Compressed with brotli, if it is worth that.
    pub(crate) brotli: Option<Vec<u8>>,
}

impl Release {
    /// Reads `dist` and `config`, the text of a `config.json`, and asks an OpenID provider where its endpoints are.
    /// `more` are addresses on further hosts that the page is to reach.
    ///
    /// # Errors
    /// When there is no release, or it could not be served with that configuration.
    pub(crate) async fn read(dist: &Path, config: String, more: &[String]) -> Result<Self> {
        let files = files_of(dist)?;
        let Some(index) = files.get(INDEX) else {
            bail!(
                "there is no release in {}; `cargo xtask dist` makes one",
                dist.display()
            );
        };
        let page = Page::read(&read_text(index)?)?;
        let mut destinations = Destinations::of(&config)?;
        if let Some(address) = destinations.discovery_address() {
            provider::discover(&address, &mut destinations).await?;
        }
        for address in more {
            destinations.add(address)?;
        }
        Ok(Self {
            page,
            destinations,
            files,
            config,
        })
    }

    /// The headers that every answer is to carry.
    pub(crate) fn headers(&self) -> Headers {
        Headers::new(&self.page, &self.destinations)
    }

    /// The paths of all files, the configuration among them, those that others name coming first: a page is there
    /// before nothing that it asks for.
    pub(crate) fn paths(&self) -> Vec<&str> {
        let mut paths: Vec<&str> = self.files.keys().map(String::as_str).collect();
        paths.push(CONFIG);
        paths.sort_by_key(|path| {
            (
                *path == INDEX,
                *path == CONFIG,
                !hosting_rules::is_hashed(path),
            )
        });
        paths
    }

    /// The content of the file at `path`.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) fn content(&self, path: &str) -> Result<Content> {
        if path == CONFIG {
            let plain = self.config.clone().into_bytes();
            let brotli = Some(dist::brotli(&plain)?);
            return Ok(Content { plain, brotli });
        }
        let file = self
            .files
            .get(path)
            .with_context(|| format!("the release has no {path}"))?;
        let brotli = hosting_rules::has_compressed_copy(path).then(|| dist::copy_of(file, "br"));
        Ok(Content {
            plain: read(file)?,
            brotli: brotli.map(|copy| read(&copy)).transpose()?,
        })
    }
}

fn files_of(dist: &Path) -> Result<BTreeMap<String, PathBuf>> {
    if !dist.is_dir() {
        return Ok(BTreeMap::new());
    }
    let mut files = BTreeMap::new();
    for file in files_below(dist)? {
        let extension = file.extension().unwrap_or_default();
        let is_copy = extension == "br" || extension == "gz";
        let path = path_on_site(file.strip_prefix(dist).unwrap_or(&file));
        if !is_copy && path != CONFIG {
            files.insert(path, file);
        }
    }
    Ok(files)
}

fn path_on_site(relative: &Path) -> String {
    let names = relative
        .components()
        .map(|part| part.as_os_str().to_string_lossy());
    names.fold(String::new(), |path, name| path + "/" + &name)
}

#[cfg(test)]
pub(crate) mod tests {
    use std::fs;

    use super::*;

    pub(crate) const CONFIG_JSON: &str = include_str!("../../../public/config.example.json");

    /// A release of three files.
    pub(crate) fn small_release(script: &str) -> tempfile::TempDir {
        let dist = tempfile::tempdir().unwrap();
        let files = [
            ("index.html", "<script>start()</script>"),
            (&format!("app-{script}.js"), "let app;"),
            ("signer_bg.wasm", "wasm"),
            ("config.json", "{}"),
        ];
        for (name, text) in files {
            fs::write(dist.path().join(name), text).unwrap();
            fs::write(
                dist.path().join(format!("{name}.br")),
                dist::brotli(text.as_bytes()).unwrap(),
            )
            .unwrap();
            fs::write(dist.path().join(format!("{name}.gz")), "gzip").unwrap();
        }
        fs::create_dir(dist.path().join("icons")).unwrap();
        fs::write(dist.path().join("icons/logo.png"), "image").unwrap();
        dist
    }

    #[tokio::test]
    async fn the_page_comes_after_all_that_it_asks_for_and_the_copies_are_no_files() {
        let dist = small_release("0123456789abcdef");
        let release = Release::read(dist.path(), CONFIG_JSON.to_owned(), &[])
            .await
            .unwrap();
        assert_eq!(
            release.paths(),
            [
                "/app-0123456789abcdef.js",
                "/icons/logo.png",
                "/signer_bg.wasm",
                "/config.json",
                "/index.html"
            ]
        );
        assert!(release.content("/icons/logo.png").unwrap().brotli.is_none());
        let config = release.content("/config.json").unwrap();
        assert_eq!(config.plain, CONFIG_JSON.as_bytes());
        let mut unpacked = Vec::new();
        brotli::BrotliDecompress(&mut config.brotli.unwrap().as_slice(), &mut unpacked).unwrap();
        assert_eq!(unpacked, CONFIG_JSON.as_bytes());
    }

    #[tokio::test]
    async fn without_a_release_the_command_that_makes_one_is_named() {
        let dist = tempfile::tempdir().unwrap();
        let none = dist.path().join("none");
        for dist in [dist.path(), none.as_path()] {
            let failure = Release::read(dist, CONFIG_JSON.to_owned(), &[])
                .await
                .unwrap_err();
            assert!(
                failure.to_string().contains("cargo xtask dist"),
                "{failure}"
            );
        }
    }

    #[tokio::test]
    async fn a_configuration_that_the_page_would_refuse_is_not_published() {
        let dist = small_release("0123456789abcdef");
        let config = CONFIG_JSON.replace("eu-west-1\",", "Ireland\",");
        let failure = Release::read(dist.path(), config, &[]).await.unwrap_err();
        assert!(
            failure
                .to_string()
                .contains("region: expected an AWS region"),
            "{failure}"
        );
    }
}
