//! Whether a program will start on Lambda: what is read here is told by the program's own header, before anything is
//! uploaded. Otherwise the first one to hear of a wrong processor or C library would be a caller, by a 502.
//!
//! <https://refspecs.linuxfoundation.org/LSB_5.0.0/LSB-Core-generic/LSB-Core-generic/symversion.html>

use anyhow::{Context as _, Result, bail};
use object::{
    LittleEndian as Little, elf,
    read::elf::{FileHeader as _, SectionHeader as _},
};

use super::architecture::Architecture;

/// The glibc of `provided.al2023`: that of Amazon Linux 2023.
/// <https://docs.aws.amazon.com/linux/al2023/ug/compare-with-al2.html>
pub(crate) const GLIBC: Version = Version(2, 34);

/// A version of glibc.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version(u32, u32);

impl std::fmt::Display for Version {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}.{}", self.0, self.1)
    }
}

impl Version {
    /// Reads `GLIBC_2.34`; there are names without a version, such as `GLIBC_PRIVATE`.
    fn parse(name: &str) -> Option<Self> {
        let mut numbers = name.strip_prefix("GLIBC_")?.split('.');
        let major = numbers.next()?.parse().ok()?;
        let minor = numbers.next()?.parse().ok()?;
        Some(Self(major, minor))
    }
}

/// Makes sure that `program` runs on Lambda's `architecture`.
///
/// # Errors
/// When it was built for something else.
pub(crate) fn check(program: &[u8], architecture: Architecture) -> Result<()> {
    let header =
        elf::FileHeader64::<Little>::parse(program).context("it is no 64-bit program for Linux")?;
    let endian = header.endian().context("it is no program for Linux")?;
    let wanted = match architecture {
        Architecture::Arm64 => elf::EM_AARCH64,
        Architecture::X86_64 => elf::EM_X86_64,
    };
    let machine = header.e_machine(endian);
    if machine != wanted {
        bail!(
            "it was built for {}, but the functions are to run on {}",
            machine_name(machine),
            architecture.name()
        );
    }
    if let Some(newest) = newest_glibc(program)?
        && newest > GLIBC
    {
        bail!("it needs glibc {newest}, and provided.al2023 has {GLIBC}");
    }
    Ok(())
}

fn machine_name(machine: object::elf::Machine) -> String {
    match machine {
        elf::EM_AARCH64 => "arm64".to_owned(),
        elf::EM_X86_64 => "x86_64".to_owned(),
        other => format!("machine {}", other.0),
    }
}

/// The newest version of glibc that `program` takes a symbol from.
fn newest_glibc(program: &[u8]) -> Result<Option<Version>> {
    let header = elf::FileHeader64::<Little>::parse(program)?;
    let endian = header.endian()?;
    let sections = header.sections(endian, program)?;
    let mut newest = None;
    for section in sections.iter() {
        let Some((mut libraries, strings)) = section.gnu_verneed(endian, program)? else {
            continue;
        };
        let strings = sections.strings(endian, program, strings)?;
        while let Some((_, mut versions)) = libraries.next()? {
            while let Some(version) = versions.next()? {
                let name = version.name(endian, strings)?;
                newest = newest.max(Version::parse(&String::from_utf8_lossy(name)));
            }
        }
    }
    Ok(newest)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A program that needs one symbol, `GLIBC_2.17`, built for arm64.
    const ARM64: &[u8] = include_bytes!("../../../tests/glibc-2.17-arm64");
    /// The same with `GLIBC_2.38`, built for x86-64.
    const TOO_NEW: &[u8] = include_bytes!("../../../tests/glibc-2.38-x86_64");

    #[test]
    fn a_program_for_the_processor_and_the_glibc_of_lambda_passes() {
        check(ARM64, Architecture::Arm64).unwrap();
        assert_eq!(newest_glibc(ARM64).unwrap(), Some(Version(2, 17)));
    }

    #[test]
    fn a_program_for_the_other_processor_is_refused() {
        let message = check(ARM64, Architecture::X86_64).unwrap_err().to_string();
        assert_eq!(
            message,
            "it was built for arm64, but the functions are to run on x86_64"
        );
    }

    #[test]
    fn a_program_for_a_newer_glibc_is_refused() {
        let message = check(TOO_NEW, Architecture::X86_64)
            .unwrap_err()
            .to_string();
        assert_eq!(message, "it needs glibc 2.38, and provided.al2023 has 2.34");
    }

    #[test]
    fn what_is_no_program_for_linux_is_refused() {
        assert!(check(b"#!/bin/sh\n", Architecture::X86_64).is_err());
        assert!(check(&ARM64[..40], Architecture::Arm64).is_err());
    }

    #[test]
    fn compares_versions_as_numbers() {
        assert!(Version::parse("GLIBC_2.4") < Version::parse("GLIBC_2.34"));
        assert_eq!(Version::parse("GLIBC_2.3.4"), Some(Version(2, 3)));
        assert_eq!(Version::parse("GLIBC_PRIVATE"), None);
        assert_eq!(Version::parse("GCC_3.0"), None);
    }
}
