//! Ports on this machine: free ones, taken ones, and what to do about those.

use std::{
    io::ErrorKind,
    net::{Ipv4Addr, TcpListener},
};

use anyhow::{Context as _, Result, anyhow};

/// A port that is free now, chosen by the operating system.
///
/// # Errors
/// When there is none.
pub(crate) fn free() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port")?;
    Ok(listener.local_addr().context("no free port")?.port())
}

/// Ports below those that operating systems choose by themselves: no other program is given one of these meanwhile.
const FIRST_RESERVED: u16 = 20_000;
const LAST_RESERVED: u16 = 29_999;

/// Ports that are free now and stay so until this command uses them.
///
/// # Errors
/// When there are not enough.
pub(crate) fn reserve<const N: usize>() -> Result<[u16; N]> {
    // Another command that starts at the same time begins to look elsewhere.
    let offset = u16::try_from(std::process::id() % 10_000).unwrap_or_default();
    let from = FIRST_RESERVED + offset;
    let candidates = (from..=LAST_RESERVED).chain(FIRST_RESERVED..from);
    let free = candidates.filter(|port| matches!(is_taken(*port), Ok(false)));
    free.take(N)
        .collect::<Vec<_>>()
        .try_into()
        .map_err(|_| anyhow!("too few ports from {FIRST_RESERVED} to {LAST_RESERVED} are free"))
}

/// Whether a process listens on `port` already.
///
/// # Errors
/// When the port may not be used at all.
pub(crate) fn is_taken(port: u16) -> Result<bool> {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(_) => Ok(false),
        Err(error) if error.kind() == ErrorKind::AddrInUse => Ok(true),
        Err(error) => Err(anyhow!("port {port} cannot be used: {error}")),
    }
}

/// Who holds a port, as far as can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holder {
    /// A `MiniStack`, with its process where that is known.
    MiniStack(Option<u32>),
    /// Some other program.
    Unknown,
}

/// Says that `port` is taken and what to do: stop the holder, or choose another port with `flag`.
pub(crate) fn taken_message(port: u16, flag: &str, holder: Holder) -> String {
    let other = port.checked_add(1).unwrap_or(port - 1);
    let choose = format!("choose another port: cargo xtask start {flag} {other}");
    match holder {
        Holder::MiniStack(Some(process)) => format!(
            "port {port} is taken by a MiniStack left over from an earlier run (process {process}); \
             stop it with `kill {process}`, or {choose}"
        ),
        Holder::MiniStack(None) => format!(
            "port {port} is taken by another MiniStack; stop it where it was started, or {choose}"
        ),
        Holder::Unknown => format!(
            "port {port} is taken by another program (`lsof -i :{port}` names it); stop that, or \
             {choose}"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_ports_differ_and_are_not_those_that_systems_choose() {
        let [one, other] = reserve().unwrap();
        assert_ne!(one, other);
        assert!((FIRST_RESERVED..=LAST_RESERVED).contains(&one));
    }

    #[test]
    fn tells_a_taken_port_from_a_free_one() {
        // Not a port that the system chooses: it may give that to another program as soon as it is free. And not one of the first,
        // which the test above looks at.
        let [.., port] = reserve::<8>().unwrap();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
        assert!(is_taken(port).unwrap());
        drop(listener);
        assert!(!is_taken(port).unwrap());
    }

    #[test]
    fn names_the_port_the_flag_and_the_left_over_process() {
        let text = taken_message(4566, "--cloud-port", Holder::MiniStack(Some(77)));
        assert!(
            text.starts_with("port 4566 is taken by a MiniStack left over"),
            "{text}"
        );
        assert!(text.contains("`kill 77`"), "{text}");
        assert!(
            text.ends_with("cargo xtask start --cloud-port 4567"),
            "{text}"
        );
    }

    #[test]
    fn names_the_program_that_finds_an_unknown_holder() {
        let text = taken_message(8080, "--port", Holder::Unknown);
        assert!(text.contains("`lsof -i :8080`"), "{text}");
        assert!(text.ends_with("cargo xtask start --port 8081"), "{text}");
    }

    #[test]
    fn proposes_a_port_that_exists_even_for_the_last_one() {
        assert!(taken_message(65535, "--port", Holder::Unknown).ends_with("--port 65534"));
    }
}
