//! From a request of API Gateway to an answer. The answers of `/register` and `/login` are the same whether or not
//! there is an account of that name; only the log knows.

use std::fmt;

use aws_lambda_events::apigw::{ApiGatewayProxyRequest, ApiGatewayProxyResponse};
use aws_lambda_events::http::header::{ALLOW, AUTHORIZATION, CACHE_CONTROL, RETRY_AFTER};
use aws_lambda_events::http::{HeaderMap, HeaderValue, Method, StatusCode};
use lambda_common::{answer, refusal, route};
use serde_json::{Value, json};

use crate::{
    accounts::{Accounts, Entropy, Granted, SignIn, Trouble},
    credentials::{Credentials, InvalidCredentials},
    key::SigningKey,
    settings::Kept,
    tables::Tables,
    time::Timestamp,
};

/// What the function decided, for the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// There is a new account.
    Registered,
    /// There was one of that name already.
    Taken,
    /// The password is right.
    SignedIn,
    /// It is not, or nobody has that name.
    Wrong,
    /// The name rests after wrong passwords.
    Rests,
    /// The session has ended.
    SignedOut,
    /// The token was taken note of, but it holds until it expires.
    NotRevocable,
    /// The keys were told.
    Keys,
    /// The request is not as it should be.
    Invalid,
    /// There is no such route or method.
    NoRoute,
    /// Something that is needed does not answer.
    Unavailable,
}

impl Decision {
    /// The word for it in the log.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::Taken => "taken",
            Self::SignedIn => "signed_in",
            Self::Wrong => "wrong",
            Self::Rests => "rests",
            Self::SignedOut => "signed_out",
            Self::NotRevocable => "not_revocable",
            Self::Keys => "keys",
            Self::Invalid => "invalid",
            Self::NoRoute => "no_route",
            Self::Unavailable => "unavailable",
        }
    }
}

/// An answer, with what the log tells of it. No part of the latter repeats a name, a password or a token.
pub struct Reply {
    /// What API Gateway is answered.
    pub response: ApiGatewayProxyResponse,
    /// What was decided.
    pub decision: Decision,
    /// The subject of the account, where it is certain.
    pub subject: Option<String>,
}

impl fmt::Debug for Reply {
    /// Without the body, which may hold a token.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Reply")
            .field("status", &self.response.status_code)
            .field("decision", &self.decision)
            .finish_non_exhaustive()
    }
}

/// A reply that has no CORS headers yet.
struct Plain {
    status: StatusCode,
    headers: HeaderMap,
    body: Value,
    decision: Decision,
    subject: Option<String>,
}

impl Plain {
    fn new(status: StatusCode, body: Value, decision: Decision) -> Self {
        Self {
            status,
            headers: HeaderMap::new(),
            body,
            decision,
            subject: None,
        }
    }

    fn invalid(message: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, refusal(message), Decision::Invalid)
    }
}

/// Answers one request:
///
/// - `POST /register`: 202, whether or not the name was free
/// - `POST /login`: 200 with a token (RFC 6749 section 5.1), 401, or 429 with `Retry-After`
/// - `POST /logout`: 200 that says whether anything was revoked
/// - `GET /.well-known/jwks.json`: the keys, where tokens are signed
/// - 400 for a request that is not as it should be, 503 when the cloud does not answer
pub async fn respond<T: Tables, K: SigningKey>(
    accounts: &Accounts<T, K>,
    request: &ApiGatewayProxyRequest,
    entropy: Entropy,
    now: Timestamp,
) -> Reply {
    let replied = match (route(request), &request.http_method) {
        ("/register", &Method::POST) => register(accounts, request, entropy, now).await,
        ("/login", &Method::POST) => sign_in(accounts, request, entropy, now).await,
        ("/logout", &Method::POST) => sign_out(accounts, request).await,
        ("/.well-known/jwks.json", &Method::GET) => keys(accounts).await,
        (route, _) => Ok(no_route(route)),
    };
    let plain = replied.unwrap_or_else(|trouble| {
        tracing::error!(%trouble, "cannot answer");
        let body = refusal("the accounts cannot be reached, try again");
        Plain::new(StatusCode::SERVICE_UNAVAILABLE, body, Decision::Unavailable)
    });
    let mut headers = accounts.settings.allowed_origin.headers();
    headers.extend(plain.headers);
    // `answer` forbids caches by itself, which is right for everything but keys.
    let cache = headers.remove(CACHE_CONTROL);
    let mut response = answer(plain.status, headers, &plain.body);
    if let Some(cache) = cache {
        response.headers.insert(CACHE_CONTROL, cache);
    }
    Reply {
        response,
        decision: plain.decision,
        subject: plain.subject,
    }
}

async fn register<T: Tables, K: SigningKey>(
    accounts: &Accounts<T, K>,
    request: &ApiGatewayProxyRequest,
    entropy: Entropy,
    now: Timestamp,
) -> Result<Plain, Trouble> {
    let credentials = match Credentials::read(request) {
        Ok(credentials) => credentials,
        Err(error) => return Ok(invalid(error)),
    };
    let subject = accounts.register(&credentials, entropy, now).await?;
    let body =
        json!({ "message": "If the name was free, the account is there now. Sign in with it." });
    let decision = match subject {
        Some(_) => Decision::Registered,
        None => Decision::Taken,
    };
    let mut plain = Plain::new(StatusCode::ACCEPTED, body, decision);
    plain.subject = subject;
    Ok(plain)
}

async fn sign_in<T: Tables, K: SigningKey>(
    accounts: &Accounts<T, K>,
    request: &ApiGatewayProxyRequest,
    entropy: Entropy,
    now: Timestamp,
) -> Result<Plain, Trouble> {
    let credentials = match Credentials::read(request) {
        Ok(credentials) => credentials,
        Err(error) => return Ok(invalid(error)),
    };
    Ok(match accounts.sign_in(&credentials, entropy, now).await? {
        SignIn::Good(granted) => good(granted, &accounts.settings.scope),
        SignIn::Wrong => Plain::new(
            StatusCode::UNAUTHORIZED,
            refusal("the name or the password is wrong"),
            Decision::Wrong,
        ),
        SignIn::Rests(seconds) => {
            let body = refusal("too many wrong passwords for this name, wait");
            let mut plain = Plain::new(StatusCode::TOO_MANY_REQUESTS, body, Decision::Rests);
            plain
                .headers
                .insert(RETRY_AFTER, HeaderValue::from(seconds));
            plain
        }
    })
}

fn good(granted: Granted, scope: &str) -> Plain {
    let body = json!({
        "access_token": granted.token.0,
        "token_type": "Bearer",
        "expires_in": granted.seconds,
        "scope": scope,
    });
    let mut plain = Plain::new(StatusCode::OK, body, Decision::SignedIn);
    plain.subject = Some(granted.subject);
    plain
}

async fn sign_out<T: Tables, K: SigningKey>(
    accounts: &Accounts<T, K>,
    request: &ApiGatewayProxyRequest,
) -> Result<Plain, Trouble> {
    let Some(token) = bearer_token(&request.headers) else {
        return Ok(Plain::invalid(
            "the header Authorization must be Bearer and the token",
        ));
    };
    let revoked = accounts.sign_out(token).await?;
    let decision = if revoked {
        Decision::SignedOut
    } else {
        Decision::NotRevocable
    };
    let body = json!({ "revoked": revoked });
    Ok(Plain::new(StatusCode::OK, body, decision))
}

async fn keys<T: Tables, K: SigningKey>(accounts: &Accounts<T, K>) -> Result<Plain, Trouble> {
    let Some(keys) = accounts.keys().await? else {
        return Ok(no_route(""));
    };
    let mut plain = Plain::new(StatusCode::OK, keys, Decision::Keys);
    let an_hour = HeaderValue::from_static("public, max-age=3600");
    plain.headers.insert(CACHE_CONTROL, an_hour);
    Ok(plain)
}

fn invalid(error: InvalidCredentials) -> Plain {
    Plain::invalid(&error.to_string())
}

fn no_route(route: &str) -> Plain {
    if !["/register", "/login", "/logout"].contains(&route) {
        return Plain::new(
            StatusCode::NOT_FOUND,
            refusal("Not Found"),
            Decision::NoRoute,
        );
    }
    let body = refusal("Method Not Allowed");
    let mut plain = Plain::new(StatusCode::METHOD_NOT_ALLOWED, body, Decision::NoRoute);
    plain
        .headers
        .insert(ALLOW, HeaderValue::from_static("POST"));
    plain
}

/// The token in `Bearer TOKEN` (RFC 6750 section 2.1).
fn bearer_token(headers: &HeaderMap) -> Option<&str> {
    let header = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = header.trim().split_once(' ')?;
    let token = token.trim_start();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

impl<T, K> Accounts<T, K> {
    /// What a person gets for a good password, for the log.
    #[must_use]
    pub fn kept(&self) -> &Kept {
        &self.settings.kept
    }
}
