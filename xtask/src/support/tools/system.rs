//! Programs that come from the operating system: installed by apt-get where that may be done, asked for elsewhere.

use anyhow::{Result, bail};
use tokio::process::Command;

use crate::support::{process, report};

/// Sees to it that all `programs` are on PATH, from the Debian `packages` where that is possible.
///
/// # Errors
/// When a program is missing and cannot be installed here; the message says what to install.
pub(crate) async fn ensure(programs: &[&str], packages: &[&str]) -> Result<()> {
    let missing = || {
        programs
            .iter()
            .copied()
            .filter(|program| process::find_program(program).is_none())
    };
    let first_missing: Vec<_> = missing().collect();
    if first_missing.is_empty() {
        return Ok(());
    }
    let os_release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    if !may_install(&os_release, rustix::process::geteuid().is_root()) {
        bail!("{}", what_to_install(&first_missing, packages));
    }
    let step = report::step(format_args!("Install {} by apt-get", packages.join(", ")));
    let log = std::env::temp_dir().join("velvet-rope-apt-get.log");
    let mut update = apt_get();
    update.arg("update");
    process::run_condensed(update, &step, &log).await?;
    process::run_condensed(install(packages), &step, &log).await?;
    let still_missing: Vec<_> = missing().collect();
    if !still_missing.is_empty() {
        bail!("{}", what_to_install(&still_missing, packages));
    }
    step.done();
    Ok(())
}

/// Installs a Debian package that the command can do without, in the version of the installed package `other`, so that nothing is
/// upgraded for it. Other distributions may not have it.
pub(crate) async fn try_install(package: &str, other: &str) {
    let os_release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    if !may_install(&os_release, rustix::process::geteuid().is_root()) {
        return;
    }
    let mut query = Command::new("dpkg-query");
    query.args(["--show", "--showformat=${Version}", other]);
    let Ok(version) = process::output(query).await else {
        return;
    };
    let step = report::step(format_args!("Install {package} by apt-get"));
    let log = std::env::temp_dir().join("velvet-rope-apt-get.log");
    let versioned = format!("{package}={version}");
    let is_installed = async || {
        let install = install(&[&versioned]);
        process::run_condensed(install, &step, &log).await.is_ok()
    };
    if is_installed().await {
        step.done();
        return;
    }
    // The lists of packages are older than what is installed, or were deleted.
    let mut update = apt_get();
    update.arg("update");
    let is_updated = process::run_condensed(update, &step, &log).await.is_ok();
    if is_updated && is_installed().await {
        step.done();
    } else {
        report::line(format_args!("    {package} {version} is not to be had"));
    }
}

fn install(packages: &[&str]) -> Command {
    let mut install = apt_get();
    install
        .args(["install", "--yes", "--no-install-recommends"])
        .args(packages);
    install
}

fn apt_get() -> Command {
    let mut command = Command::new("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}

/// Whether packages may be installed without asking: as root on Debian or Ubuntu.
fn may_install(os_release: &str, is_root: bool) -> bool {
    let names = |name: &str| {
        os_release
            .lines()
            .filter_map(|line| {
                line.strip_prefix("ID=")
                    .or_else(|| line.strip_prefix("ID_LIKE="))
            })
            .flat_map(|value| value.trim_matches('"').split_whitespace())
            .any(|word| word == name)
    };
    is_root && (names("debian") || names("ubuntu"))
}

fn what_to_install(missing: &[&str], packages: &[&str]) -> String {
    format!(
        "not found on PATH: {}; install {} and run the same command again (Debian: apt-get install {})",
        missing.join(", "),
        if missing.len() == 1 { "it" } else { "them" },
        packages.join(" "),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn installs_only_as_root_and_only_on_debian_and_its_kin() {
        assert!(may_install("NAME=\"Debian\"\nID=debian\n", true));
        assert!(may_install(
            "ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n",
            true
        ));
        assert!(!may_install("ID=debian\n", false));
        assert!(!may_install("ID=fedora\n", true));
        assert!(!may_install("", true));
    }

    #[test]
    fn names_what_is_missing_and_the_packages_that_carry_it() {
        let text = what_to_install(&["chromedriver"], &["chromium", "chromium-driver"]);
        assert!(
            text.starts_with("not found on PATH: chromedriver; install it"),
            "{text}"
        );
        assert!(
            text.ends_with("(Debian: apt-get install chromium chromium-driver)"),
            "{text}"
        );
    }
}
