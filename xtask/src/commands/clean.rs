//! `cargo xtask clean`: removes what was built, and on request what was installed.

use anyhow::{Result, bail};

use crate::support::{
    cache::{self, Cache},
    report, running,
    tools::wasm_target,
    workspace::Workspace,
};

/// What to remove.
#[derive(Debug, clap::Args)]
pub(crate) struct Clean {
    /// Remove the installed tools as well
    #[arg(long)]
    all: bool,
}

impl Clean {
    /// Removes Cargo's target folder and the release in `dist/`; with `--all` the tool cache, too.
    ///
    /// # Errors
    /// When a system of this checkout runs, or a folder cannot be removed.
    pub(crate) async fn run(self) -> Result<()> {
        let workspace = Workspace::find().await?;
        if let Some(place) = running::places(&workspace)?.first() {
            bail!(
                "Velvet Rope is running at {} (process {}); stop it first, with Ctrl-C",
                place.site_url,
                place.process
            );
        }
        let mut folders = vec![workspace.file("dist"), workspace.target.clone()];
        if self.all {
            folders.push(Cache::open()?.folder().to_owned());
        }
        for folder in folders {
            if folder.exists() {
                cache::remove_folder(&folder)?;
                report::line(format_args!("==> Removed {}", folder.display()));
            }
        }
        if self.all {
            report::line(format_args!(
                "    what rustup and apt-get installed is left: `rustup target remove {}`, and the packages of \
                 Chromium and Node.js",
                wasm_target::TARGET
            ));
        }
        Ok(())
    }
}
