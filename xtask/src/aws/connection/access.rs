//! Why AWS denies access, and which setting changes that.

use anyhow::{Result, bail};

/// What a refusal says, and what to do about it.
const ADVICE: &[(&[&str], &str)] = &[
    (
        &[
            "was not defined",
            "could not find profile",
            "profile not found",
        ],
        "no file has that profile: `aws configure list-profiles` names those there are; choose one with --profile",
    ),
    (
        // Before the missing credentials: an expired session is told as these, too.
        &[
            "sso session",
            "sso token",
            "/sso/cache/",
            "token has expired",
            "token is expired",
            "expired and refresh failed",
        ],
        "the single sign-on session has ended: run `aws sso login` with the same --profile, then this command again",
    ),
    (
        &["ExpiredToken", "RequestExpired", "credentials have expired"],
        "these credentials are temporary and have expired: get new ones, or choose another --profile",
    ),
    (
        &[
            "InvalidClientTokenId",
            "UnrecognizedClientException",
            "InvalidAccessKeyId",
            "AuthFailure",
        ],
        "AWS does not know this access key: it was deleted, or it is of another partition; see AWS_ACCESS_KEY_ID or the profile",
    ),
    (
        &["SignatureDoesNotMatch", "IncompleteSignature"],
        "the secret access key is not the one of the access key, or this machine's clock is wrong",
    ),
    (
        &["AccessDenied", "not authorized to perform"],
        "the credentials are good, but may not do this: docs/deploying.md lists the permissions that a deployment needs",
    ),
    (
        &[
            "CredentialsNotLoaded",
            "no credentials found in chain",
            "credentials provider was not enabled",
            "could not load credentials",
        ],
        "no credentials were found: choose a profile with --profile, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; \
         `aws configure` or `aws configure sso` makes a profile",
    ),
    (
        &["dns error", "failed to lookup address"],
        "there is no such host: either there is no network, or no AWS region of this name; see --region",
    ),
    (
        &["tcp connect error", "Connection refused"],
        "nothing answers there: with --endpoint, start the local cloud first (`cargo xtask start`)",
    ),
];

/// What to do about a `refusal`, if that is known.
pub(crate) fn advice(refusal: &str) -> Option<&'static str> {
    let refusal = refusal.to_lowercase();
    ADVICE
        .iter()
        .find(|(signs, _)| {
            signs
                .iter()
                .any(|sign| refusal.contains(&sign.to_lowercase()))
        })
        .map(|(_, advice)| *advice)
}

/// Makes sure that `region` looks like one, before its name becomes a host that does not exist.
///
/// # Errors
/// When it does not.
pub(crate) fn require_region(region: &str) -> Result<()> {
    let mut words: Vec<_> = region.split('-').collect();
    let number = words.pop().unwrap_or_default();
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let is_word =
        |word: &&str| word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_lowercase());
    if !is_number || words.len() < 2 || !words.iter().all(is_word) {
        bail!("`{region}` is no AWS region: they are spelt like eu-west-1");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_setting_that_gives_access() {
        let cases = [
            (
                "the SSO session associated with this profile has expired",
                "aws sso login",
            ),
            (
                "ProfileFile provider could not be built: profile `x` was not defined",
                "--profile",
            ),
            (
                "the credential provider was not enabled: no credentials found in chain. Attempted: Environment",
                "AWS_ACCESS_KEY_ID",
            ),
            (
                "InvalidClientTokenId: The security token included in the request is invalid",
                "access key",
            ),
            (
                "ExpiredToken: The security token included in the request is expired",
                "temporary",
            ),
            ("SignatureDoesNotMatch: Signature not yet current", "clock"),
            (
                "dispatch failure: dns error: failed to lookup address information",
                "--region",
            ),
            (
                "dispatch failure: tcp connect error: Connection refused",
                "--endpoint",
            ),
            (
                "AccessDenied: User x is not authorized to perform: s3:CreateBucket",
                "docs/deploying.md",
            ),
        ];
        for (refusal, hint) in cases {
            let advice = advice(refusal).unwrap_or_default();
            assert!(advice.contains(hint), "{refusal}: {advice}");
        }
        assert_eq!(advice("ThrottlingException: Rate exceeded"), None);
        assert_eq!(advice("ValidationError: the resource is associated"), None);
    }

    #[test]
    fn knows_regions_by_their_spelling() {
        for region in ["eu-west-1", "us-gov-east-1", "ap-southeast-5", "cn-north-1"] {
            require_region(region).unwrap();
        }
        for wrong in [
            "",
            "Ireland",
            "eu-west",
            "eu-west-1a",
            "EU-WEST-1",
            "eu_west_1",
            "1-2-3",
        ] {
            assert!(require_region(wrong).is_err(), "{wrong}");
        }
    }
}
