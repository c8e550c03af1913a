//! The release archives of the tools, as their projects publish them.

use super::download::Archive;

/// Trunk 0.21.14.
pub(crate) const TRUNK: &[Archive] = &[
    Archive {
        os: "linux",
        arch: "x86_64",
        url: "https://github.com/trunk-rs/trunk/releases/download/v0.21.14/trunk-x86_64-unknown-linux-musl.tar.gz",
        sha256: "a67f4054b249fe9acc5fabc25de1aebf19783aca3ad6ff64bf34d7da44d0ea20",
        depth: 0,
    },
    Archive {
        os: "linux",
        arch: "aarch64",
        url: "https://github.com/trunk-rs/trunk/releases/download/v0.21.14/trunk-aarch64-unknown-linux-musl.tar.gz",
        sha256: "e8e2a2bb423ce6702ab9f4f02f8c9ae99d790f0301f7634e986b2dd8706019cc",
        depth: 0,
    },
    Archive {
        os: "macos",
        arch: "x86_64",
        url: "https://github.com/trunk-rs/trunk/releases/download/v0.21.14/trunk-x86_64-apple-darwin.tar.gz",
        sha256: "f1ba0e3bbe24e0ae219c6d22c33e24e2825c1608dd27c2556e323495110f1a95",
        depth: 0,
    },
    Archive {
        os: "macos",
        arch: "aarch64",
        url: "https://github.com/trunk-rs/trunk/releases/download/v0.21.14/trunk-aarch64-apple-darwin.tar.gz",
        sha256: "764e299dd50d89442a4e96a236349f57961984b701e74d3dbdb39cd1c9f5101e",
        depth: 0,
    },
];

/// cargo-deny 0.20.2.
pub(crate) const CARGO_DENY: &[Archive] = &[
    Archive {
        os: "linux",
        arch: "x86_64",
        url: "https://github.com/EmbarkStudios/cargo-deny/releases/download/0.20.2/cargo-deny-0.20.2-x86_64-unknown-linux-musl.tar.gz",
        sha256: "9f12ed4c49936e09b48bf862b595cde2fe64fcbd9d74dfacac6131ca824c8d5f",
        depth: 1,
    },
    Archive {
        os: "linux",
        arch: "aarch64",
        url: "https://github.com/EmbarkStudios/cargo-deny/releases/download/0.20.2/cargo-deny-0.20.2-aarch64-unknown-linux-musl.tar.gz",
        sha256: "995c82be0defc7a025cae49a2aa2644ce8245c9a3318fc4103907c6a285e8c7d",
        depth: 1,
    },
    Archive {
        os: "macos",
        arch: "x86_64",
        url: "https://github.com/EmbarkStudios/cargo-deny/releases/download/0.20.2/cargo-deny-0.20.2-x86_64-apple-darwin.tar.gz",
        sha256: "248da7f581724e470071990c088ffc55c811981715f4cbdb258621fb79f8b7a6",
        depth: 1,
    },
    Archive {
        os: "macos",
        arch: "aarch64",
        url: "https://github.com/EmbarkStudios/cargo-deny/releases/download/0.20.2/cargo-deny-0.20.2-aarch64-apple-darwin.tar.gz",
        sha256: "fe67d82a10d8597a3549364cb733a3f9cc1bfff9031b7ae46384a9f2a72090c3",
        depth: 1,
    },
];
