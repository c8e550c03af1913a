//! What `cargo xtask test` consists of.

/// A part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Part {
    /// Formatting, lints and documentation
    Check,
    /// The splitting tool, the examples as pages, the template and the dependencies
    Tooling,
    /// The tests that run on this machine
    Native,
    /// The examples in the documentation
    Examples,
    /// The tests that run in a browser, of single parts
    Wasm,
    /// The release and its size
    Release,
    /// Publishing the release where it is hosted, on this machine
    Hosting,
    /// The tests of the release in a browser, against the local cloud
    E2e,
    /// `cargo xtask deploy` and `destroy`, on a local cloud
    Deploy,
}

impl Part {
    /// Its name on the command line.
    pub(super) fn name(self) -> String {
        format!("{self:?}").to_lowercase()
    }

    /// Whether it needs the feature `aws` of this program.
    #[cfg(not(feature = "aws"))]
    pub(super) fn needs_aws(self) -> bool {
        matches!(self, Self::Hosting | Self::E2e | Self::Deploy)
    }
}

/// All parts.
#[cfg(any(test, not(feature = "aws")))]
pub(super) const ALL: [Part; 9] = [
    Part::Check,
    Part::Tooling,
    Part::Native,
    Part::Examples,
    Part::Wasm,
    Part::Release,
    Part::Hosting,
    Part::E2e,
    Part::Deploy,
];
