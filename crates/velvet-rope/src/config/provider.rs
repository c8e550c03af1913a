//! Reading the provider that users sign in with: a user pool under `user_pool`, any other provider under `oidc`.
//!
//! Sources: OpenID Connect Discovery 1.0, section 3, for issuers; Amazon Cognito Developer Guide, "User pool endpoints
//! and managed login reference", for the addresses of a user pool.

use std::time::Duration;

use super::json::Json;
use super::reader::Reader;
use super::{LogoutStyle, Provider, ProviderKind, Rotation, check};
use crate::http::split_scheme;

/// The default of `sign_in_path`.
const SIGN_IN_PATH: &str = "/authenticated";
/// The default of `sign_out_path`.
const SIGN_OUT_PATH: &str = "/signedout";
/// Expected where a path of this site is configured.
const PATH_ON_THIS_SITE: &str = "a path on this site, like \"/authenticated\"";
/// Expected where an address is configured.
const ADDRESS: &str = "an https address (http only for localhost)";

/// The keys of the section `user_pool`.
const USER_POOL: [&str; 11] = [
    "id",
    "client_id",
    "domain",
    "issuer",
    "endpoint",
    "scopes",
    "identity_provider",
    "sign_in_path",
    "sign_out_path",
    "refresh_token_rotation",
    "refresh_token_grace_seconds",
];

/// The keys of the section `oidc`.
const OIDC: [&str; 10] = [
    "issuer",
    "client_id",
    "scopes",
    "sign_in_path",
    "sign_out_path",
    "logout",
    "audience",
    "logins_key",
    "refresh_token_rotation",
    "refresh_token_grace_seconds",
];

/// Exactly one of the two sections must be there; with neither, the user pool is missed.
pub(super) fn read_provider<J: Json>(top: &Reader<'_, J>, region: &str) -> Option<Provider> {
    let Some(oidc) = top.optional_section("oidc", &OIDC) else {
        return read_user_pool(&top.section("user_pool", &USER_POOL), region);
    };
    if top.has("user_pool") {
        top.report("oidc", "either user_pool or oidc, not both");
    }
    read_oidc(&oidc)
}

/// The pool's id contains its region, which must be the configured one. Where that one is missing, `region` is empty
/// and only the missing key is reported.
fn read_user_pool<J: Json>(section: &Reader<'_, J>, region: &str) -> Option<Provider> {
    let expected = "a user pool id, like \"eu-west-1_AbCdEfGhI\"";
    let id = section.required("id", expected, &|text| {
        check::user_pool_id(text)
            .filter(|id| region.is_empty() || id.starts_with(&[region, "_"].concat()))
    });
    let expected = "the hosted-UI domain, with or without https://";
    let domain = section.required("domain", expected, &check::address);
    let expected = "the https address in the tokens' iss claim";
    let issuer = section.optional("issuer", expected, &check::address);
    let endpoint = section.optional("endpoint", ADDRESS, &check::address);
    let expected = "the name of an identity provider behind the user pool, like \"Auth0\"";
    let identity_provider_name = section.optional("identity_provider", expected, &check::name);
    let common = read_common(section);
    let id = id?;
    let pool_region = id.split('_').next().unwrap_or_default();
    // Not by `format!`: the first load has no code for formatting.
    let service = ["https://cognito-idp.", pool_region, ".amazonaws.com"].concat();
    let issuer = issuer.unwrap_or_else(|| [&service, "/", &id].concat());
    let endpoint = endpoint.unwrap_or(service);
    let jwks_url = [&endpoint, "/", &id, "/.well-known/jwks.json"].concat();
    let kind = ProviderKind::Cognito {
        domain: domain?,
        endpoint,
        jwks_url,
    };
    let provider = provider(kind, issuer, None, common)?;
    Some(Provider {
        identity_provider_name,
        ..provider
    })
}

/// Endpoints are not configured here: the discovery document has them.
fn read_oidc<J: Json>(section: &Reader<'_, J>) -> Option<Provider> {
    let expected =
        "the provider's issuer, exactly as in its tokens, like \"https://tenant.eu.auth0.com/\"";
    let issuer = section.required("issuer", expected, &check::issuer);
    let expected = "\"end_session\", \"auth0\" or \"none\"";
    let logout = section.optional("logout", expected, &|text| match text {
        "end_session" => Some(LogoutStyle::EndSession),
        "auth0" => Some(LogoutStyle::Auth0),
        "none" => Some(LogoutStyle::None),
        _ => None,
    });
    let expected = "the identifier of the API that access tokens are for";
    let audience = section.optional("audience", expected, &check::word);
    let expected = "the provider's name in the identity pool, like \"tenant.eu.auth0.com\"";
    let logins_key = section.optional("logins_key", expected, &check::word);
    let common = read_common(section);
    let kind = ProviderKind::Oidc {
        logout: logout.unwrap_or(LogoutStyle::EndSession),
        audience,
    };
    provider(kind, issuer?, logins_key, common)
}

/// What both sections have: client, scopes, paths, rotation.
type Common = (Option<String>, Vec<String>, String, String, Rotation);

/// Reads them from either section. The two paths must differ, because the page of one is not the page of the other.
fn read_common<J: Json>(section: &Reader<'_, J>) -> Common {
    let expected = "the id of a public app client (no secret)";
    let client_id = section.required("client_id", expected, &check::word);
    let scopes = section.optional_words("scopes", "a list of scopes, like [\"openid\", \"email\"]");
    if scopes
        .as_ref()
        .is_some_and(|scopes| !scopes.iter().any(|scope| scope == "openid"))
    {
        section.report(
            "scopes",
            "\"openid\" among the scopes: without it there is no ID token",
        );
    }
    let path = |key, default: &str| {
        section
            .optional(key, PATH_ON_THIS_SITE, &check::site_path)
            .unwrap_or_else(|| default.to_owned())
    };
    let sign_in_path = path("sign_in_path", SIGN_IN_PATH);
    let sign_out_path = path("sign_out_path", SIGN_OUT_PATH);
    if sign_in_path == sign_out_path {
        section.report("sign_out_path", "another path than sign_in_path");
    }
    (
        client_id,
        scopes.unwrap_or_else(|| ["openid", "email", "profile"].map(str::to_owned).to_vec()),
        sign_in_path,
        sign_out_path,
        read_rotation(section),
    )
}

/// AWS allows a grace period of at most 60 seconds; others count in the same range.
fn read_rotation<J: Json>(section: &Reader<'_, J>) -> Rotation {
    let seconds = section.optional_number(
        "refresh_token_grace_seconds",
        "a number of seconds from 0 to 60",
        0..=60,
    );
    match section.optional_flag("refresh_token_rotation") {
        Some(false) => Rotation::Off,
        None if seconds.is_none() => Rotation::Unknown,
        _ => Rotation::On {
            grace: Duration::from_secs(seconds.unwrap_or_default()),
        },
    }
}

/// Puts both halves together. Cognito's default for `logins_key` is the issuer without its scheme, and other providers
/// are named in the same way.
fn provider(
    kind: ProviderKind,
    issuer: String,
    logins_key: Option<String>,
    (client_id, scopes, sign_in_path, sign_out_path, rotation): Common,
) -> Option<Provider> {
    let without_scheme = split_scheme(&issuer).map_or(&*issuer, |(_, rest)| rest);
    let logins_key = logins_key.unwrap_or_else(|| without_scheme.trim_end_matches('/').to_owned());
    Some(Provider {
        kind,
        client_id: client_id?,
        scopes,
        sign_in_path,
        sign_out_path,
        logins_key,
        rotation,
        identity_provider_name: None,
        issuer,
    })
}
