//! The processors that Lambda functions run on.

use std::env::consts;

use anyhow::{Result, bail};

/// A processor, in the words of AWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Architecture {
    /// Graviton, the less expensive one
    #[value(name = "arm64", alias = "aarch64")]
    Arm64,
    /// Intel and AMD
    #[value(name = "x86_64", alias = "x86-64")]
    X86_64,
}

impl Architecture {
    const ALL: [Self; 2] = [Self::Arm64, Self::X86_64];

    /// The one that functions built here run on.
    ///
    /// # Errors
    /// When Lambda has no such processor.
    pub(crate) fn of_this_machine() -> Result<Self> {
        match consts::ARCH {
            "x86_64" => Ok(Self::X86_64),
            "aarch64" => Ok(Self::Arm64),
            other => bail!(
                "the local cloud runs Lambda functions built for this machine, which is {other}; \
                 Lambda knows only x86_64 and arm64"
            ),
        }
    }

    /// The one that the template's parameter `Architecture` names.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }

    /// What the template's parameter `Architecture` calls it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Arm64 => "arm64",
            Self::X86_64 => "x86_64",
        }
    }

    /// The target of the Rust compiler.
    pub(crate) fn target(self) -> &'static str {
        match self {
            Self::Arm64 => "aarch64-unknown-linux-gnu",
            Self::X86_64 => "x86_64-unknown-linux-gnu",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_both_by_the_names_that_the_template_allows() {
        let template = include_str!("../../../../infra/template.yaml");
        assert!(template.contains("AllowedValues: [x86_64, arm64]"));
        assert_eq!(Architecture::named("arm64"), Some(Architecture::Arm64));
        assert_eq!(Architecture::named("x86_64"), Some(Architecture::X86_64));
        assert_eq!(Architecture::named("riscv64"), None);
    }
}
