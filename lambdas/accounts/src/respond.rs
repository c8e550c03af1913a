//! From a request of API Gateway to an answer. The answers of `/register` and `/login` are the same whether or not there
//! is an account of that name; only the log says it.

use std::fmt;

use aws_lambda_events::apigw::{ApiGatewayProxyRequest, ApiGatewayProxyResponse};
use aws_lambda_events::http::header::{ALLOW, AUTHORIZATION, CACHE_CONTROL, RETRY_AFTER};
use aws_lambda_events::http::{HeaderMap, HeaderValue, Method, StatusCode};
use lambda_common::{answer, bearer_token, refusal, route};
use serde_json::{Value, json};
use time::{SignedDuration, Timestamp};

use crate::{
    accounts::{Accounts, Failure, Granted, SignIn},
    credentials::{Credentials, InvalidCredentials},
    key::SigningKey,
    secret::Entropy,
    settings::TokenKind,
    tables::Tables,
};

/// The result of a request, for the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// An account was created.
    Registered,
    /// There was an account of that name already.
    Taken,
    /// The password is right.
    SignedIn,
    /// The password is wrong, or there is no account of that name.
    Wrong,
    /// Too many wrong passwords: no attempt is allowed now.
    Locked,
    /// The session has ended.
    SignedOut,
    /// The token is a signed one, which is valid until it expires.
    NotRevocable,
    /// The keys were returned.
    Keys,
    /// The request is not valid.
    Invalid,
    /// There is no such route or method.
    NoRoute,
    /// A service of AWS failed.
    Unavailable,
}

impl Decision {
    /// The value in the log.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::Taken => "taken",
            Self::SignedIn => "signed_in",
            Self::Wrong => "wrong",
            Self::Locked => "locked",
            Self::SignedOut => "signed_out",
            Self::NotRevocable => "not_revocable",
            Self::Keys => "keys",
            Self::Invalid => "invalid",
            Self::NoRoute => "no_route",
            Self::Unavailable => "unavailable",
        }
    }
}

/// An answer, with its log fields. They do not repeat a name, a password or a token.
pub struct Reply {
    /// The answer to API Gateway.
    pub response: ApiGatewayProxyResponse,
    /// The result.
    pub decision: Decision,
    /// The subject of the account, if the user is known.
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
/// - 400 for a request that is not valid, 503 when a service of AWS fails
pub async fn respond<T: Tables, K: SigningKey>(
    accounts: &Accounts<T, K>,
    request: &ApiGatewayProxyRequest,
    entropy: Entropy,
    now: Timestamp,
) -> Reply {
    let replied = match (route(request), &request.http_method) {
        // Boxed: the types of the requests to AWS are deeper than the compiler's recursion limit.
        ("/register", &Method::POST) => Box::pin(register(accounts, request, entropy, now)).await,
        ("/login", &Method::POST) => Box::pin(sign_in(accounts, request, entropy, now)).await,
        ("/logout", &Method::POST) => sign_out(accounts, request).await,
        ("/.well-known/jwks.json", &Method::GET) => keys(accounts, now).await,
        (route, _) => Ok(no_route(route)),
    };
    let plain = replied.unwrap_or_else(|failure| {
        tracing::error!(%failure, "cannot answer");
        let body = refusal("the accounts cannot be reached, try again");
        Plain::new(StatusCode::SERVICE_UNAVAILABLE, body, Decision::Unavailable)
    });
    let mut headers = accounts.settings.allowed_origin.headers();
    headers.extend(plain.headers);
    // `answer` forbids caching, which is right for all answers except the keys.
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
) -> Result<Plain, Failure> {
    let credentials = match Credentials::read_new(request) {
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
) -> Result<Plain, Failure> {
    let credentials = match Credentials::read(request) {
        Ok(credentials) => credentials,
        Err(error) => return Ok(invalid(error)),
    };
    let identity = &request.request_context.identity;
    let address = identity.source_ip.as_deref().unwrap_or_default();
    let signed_in = accounts.sign_in(&credentials, address, entropy, now);
    Ok(match signed_in.await? {
        SignIn::Granted(granted) => granted_answer(granted, &accounts.settings.scope),
        SignIn::Wrong => Plain::new(
            StatusCode::UNAUTHORIZED,
            refusal("the name or the password is wrong"),
            Decision::Wrong,
        ),
        SignIn::Locked(delay) => locked(delay),
    })
}

fn granted_answer(granted: Granted, scope: &str) -> Plain {
    let body = json!({
        "access_token": granted.token.0,
        "token_type": "Bearer",
        "expires_in": granted.lifetime.whole_seconds(),
        "scope": scope,
        "device_token": granted.device_token.0,
    });
    let mut plain = Plain::new(StatusCode::OK, body, Decision::SignedIn);
    plain.subject = Some(granted.subject);
    plain
}

fn locked(delay: SignedDuration) -> Plain {
    let body = refusal("too many wrong passwords, try again later");
    let mut plain = Plain::new(StatusCode::TOO_MANY_REQUESTS, body, Decision::Locked);
    // Rounded up: at the end of a rounded-down delay the account is still locked.
    let seconds = delay.whole_seconds() + i64::from(delay.subsec_nanoseconds() > 0);
    plain
        .headers
        .insert(RETRY_AFTER, HeaderValue::from(seconds));
    plain
}

async fn sign_out<T: Tables, K: SigningKey>(
    accounts: &Accounts<T, K>,
    request: &ApiGatewayProxyRequest,
) -> Result<Plain, Failure> {
    let header = request.headers.get(AUTHORIZATION);
    let Ok(token) = bearer_token(header.and_then(|header| header.to_str().ok())) else {
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

async fn keys<T: Tables, K: SigningKey>(
    accounts: &Accounts<T, K>,
    now: Timestamp,
) -> Result<Plain, Failure> {
    let Some(keys) = accounts.keys(now).await? else {
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

impl<T, K> Accounts<T, K> {
    /// The kind of token that users get, for the log.
    #[must_use]
    pub fn token_kind(&self) -> &TokenKind {
        &self.settings.tokens
    }
}
