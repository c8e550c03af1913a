//! Randomness from the browser's cryptographic source.
//!
//! `crypto.getRandomValues`, by the crate `getrandom`. `Math.random` is used only for what need not be secret
//! ([`Host::jitter`](crate::host::Host::jitter)).

use crate::oauth::authorize::Entropy;

/// The randomness of one sign-in, or `None` when the browser gives none.
///
/// Call it once for each sign-in.
#[must_use]
pub fn entropy() -> Option<Entropy> {
    let mut entropy = Entropy {
        state: [0; 16],
        nonce: [0; 16],
        code_verifier: [0; 32],
    };
    getrandom::fill(&mut entropy.state).ok()?;
    getrandom::fill(&mut entropy.nonce).ok()?;
    getrandom::fill(&mut entropy.code_verifier).ok()?;
    Some(entropy)
}
