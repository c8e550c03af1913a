//! A fake cloud: a user pool that counts what it is asked and remembers which refresh tokens are spent, an
//! identity pool, and an API. Anything can go wrong with any request, on demand.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use serde_json::{Value, json};

use super::{CLIENT_ID, ISSUER, START};
use crate::http::{HttpRequest, HttpResponse, Transport, TransportError};
use crate::time::Timestamp;

/// Whom a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::session) enum Kind {
    Code,
    Refresh,
    Revoke,
    GlobalSignOut,
    Keys,
    Discovery,
    GetId,
    GetCredentials,
    Api,
}

/// What goes wrong with one request.
#[derive(Clone)]
pub(in crate::session) enum Fault {
    /// The browser has no network: nothing leaves.
    Offline,
    /// It does not arrive.
    Reset,
    /// It arrives and is done, and the answer gets lost.
    LoseReply,
    /// It is answered so, and nothing is done.
    Answer(u16, String),
    /// It reaches the API behind the gateway, which answers so: without the gateway's header.
    FromApi(u16, String),
    /// It is done, and then answered so.
    DoneBut(u16, String),
    /// It is done, and the answer is changed.
    Edit(fn(&mut Value)),
}

/// A fake cloud.
pub(in crate::session) struct FakeCloud {
    began: Cell<Option<tokio::time::Instant>>,
    /// Whether renewals replace the refresh token.
    pub(in crate::session) rotates: Cell<bool>,
    /// How long its tokens hold.
    pub(in crate::session) token_lifetime: Cell<u64>,
    /// What is added to the claims of ID tokens.
    pub(in crate::session) claims: RefCell<Value>,
    /// The name of the key that signs.
    pub(in crate::session) kid: RefCell<&'static str>,
    /// Which of several keys of that name it is.
    pub(in crate::session) key: Cell<u32>,
    /// How long before the moment of issue the `iat` of ID tokens lies, in seconds.
    pub(in crate::session) backdates: Cell<u64>,
    /// Whether answers carry a readable `Date`.
    pub(in crate::session) sends_date: Cell<bool>,
    /// How often a spent refresh token came again.
    pub(in crate::session) replays: Cell<u32>,
    asked: RefCell<Vec<Kind>>,
    sent: RefCell<Vec<HttpRequest>>,
    faults: RefCell<Vec<(Kind, Fault)>>,
    nonce: RefCell<String>,
    refresh_token: RefCell<Option<String>>,
    issued: Cell<u32>,
    spent: RefCell<Vec<String>>,
}

impl Default for FakeCloud {
    fn default() -> Self {
        Self {
            began: Cell::new(None),
            rotates: Cell::new(true),
            token_lifetime: Cell::new(3_600),
            claims: RefCell::new(json!({})),
            kid: RefCell::new("key-1"),
            key: Cell::new(1),
            backdates: Cell::new(0),
            sends_date: Cell::new(false),
            replays: Cell::new(0),
            asked: RefCell::default(),
            sent: RefCell::default(),
            faults: RefCell::default(),
            nonce: RefCell::default(),
            refresh_token: RefCell::default(),
            issued: Cell::new(0),
            spent: RefCell::default(),
        }
    }
}

impl FakeCloud {
    /// The right time.
    pub(in crate::session) fn now(&self) -> Timestamp {
        let now = tokio::time::Instant::now();
        let began = self.began.get().unwrap_or(now);
        self.began.set(Some(began));
        START.plus(now - began)
    }

    /// The next request of that kind goes wrong; several faults of a kind come one after another.
    pub(in crate::session) fn fail(&self, kind: Kind, fault: Fault) {
        self.faults.borrow_mut().push((kind, fault));
    }

    pub(in crate::session) fn clear_faults(&self) {
        self.faults.borrow_mut().clear();
    }

    pub(in crate::session) fn asked(&self) -> Vec<Kind> {
        self.asked.borrow().clone()
    }

    pub(in crate::session) fn count(&self, kind: Kind) -> usize {
        self.asked
            .borrow()
            .iter()
            .filter(|asked| **asked == kind)
            .count()
    }

    pub(in crate::session) fn last(&self, kind: Kind) -> HttpRequest {
        let at = self.asked.borrow().iter().rposition(|asked| *asked == kind);
        self.sent.borrow()[at.unwrap()].clone()
    }

    pub(in crate::session) fn forget_requests(&self) {
        self.asked.borrow_mut().clear();
        self.sent.borrow_mut().clear();
    }

    /// The provider ends the session: its refresh token is worth nothing any more.
    pub(in crate::session) fn end_session(&self) {
        self.refresh_token.borrow_mut().take();
    }

    pub(in crate::session) fn issue_code(&self, nonce: &str) -> String {
        nonce.clone_into(&mut self.nonce.borrow_mut());
        "code".to_owned()
    }

    fn take_fault(&self, kind: Kind) -> Option<Fault> {
        let mut faults = self.faults.borrow_mut();
        let at = faults.iter().position(|(of, _)| *of == kind)?;
        Some(faults.remove(at).1)
    }

    fn process(&self, kind: Kind, request: &HttpRequest) -> (u16, Value) {
        match kind {
            Kind::Code => {
                // A new sign-in is a new grant: what belongs to the one before is not spent by it.
                self.refresh_token.take();
                self.spent.borrow_mut().clear();
                (200, self.tokens(true))
            }
            Kind::Refresh => self.refresh(&request.body.text()),
            Kind::Revoke => {
                self.end_session();
                (200, json!({}))
            }
            Kind::GlobalSignOut => (200, json!({})),
            Kind::Keys => {
                let key = json!({
                    "kty": "RSA", "kid": *self.kid.borrow(), "n": self.signature(), "e": "AQAB"
                });
                (200, json!({ "keys": [key] }))
            }
            Kind::Discovery => (
                200,
                json!({
                    "issuer": "https://id.example.com/",
                    "authorization_endpoint": "https://id.example.com/authorize",
                    "token_endpoint": "https://id.example.com/oauth2/token",
                    "jwks_uri": "https://id.example.com/.well-known/jwks.json",
                    "revocation_endpoint": "https://id.example.com/oauth2/revoke",
                    "end_session_endpoint": "https://id.example.com/end"
                }),
            ),
            Kind::GetId => (200, json!({ "IdentityId": "eu-west-1:identity" })),
            Kind::GetCredentials => {
                let number = self.count(Kind::GetCredentials);
                let expiration = self.now().0 + 3_600;
                (
                    200,
                    json!({ "IdentityId": "eu-west-1:identity", "Credentials": {
                        "AccessKeyId": format!("ASIA{number}"), "SecretKey": "secret", "SessionToken": "session",
                        "Expiration": expiration
                    } }),
                )
            }
            Kind::Api => self.check_signature_time(request),
        }
    }

    /// AWS accepts five minutes of difference.
    fn check_signature_time(&self, request: &HttpRequest) -> (u16, Value) {
        let signed = request
            .headers
            .iter()
            .find(|(name, _)| name == "x-amz-date");
        let signed = signed.and_then(|(_, value)| Timestamp::from_iso8601_basic(value));
        match signed {
            Some(signed) if signed.seconds_from(self.now()).abs() > 300 => (
                403,
                json!({ "message": format!(
                    "Signature expired: x is now earlier than y ({} - 5 min.)",
                    iso8601_basic(self.now())
                ) }),
            ),
            _ => (200, json!({ "message": "ok" })),
        }
    }

    fn refresh(&self, body: &str) -> (u16, Value) {
        let sent = form_urlencoded::parse(body.as_bytes())
            .find(|(name, _)| name == "refresh_token")
            .map(|(_, value)| value.into_owned())
            .unwrap_or_default();
        let current = self.refresh_token.borrow().clone();
        if current.as_ref() == Some(&sent) {
            return (200, self.tokens(false));
        }
        if self.spent.borrow().contains(&sent) {
            self.replays.set(self.replays.get() + 1);
            self.end_session();
        }
        (400, json!({ "error": "invalid_grant" }))
    }

    fn tokens(&self, first: bool) -> Value {
        let issued = self.issued.get() + 1;
        self.issued.set(issued);
        let mut reply = json!({
            "id_token": self.id_token(), "access_token": format!("access-{issued}"),
            "expires_in": self.token_lifetime.get(), "token_type": "Bearer"
        });
        if first || self.rotates.get() {
            let token = format!("refresh-{issued}");
            reply["refresh_token"] = json!(token);
            let before = self.refresh_token.replace(Some(token));
            self.spent.borrow_mut().extend(before);
        }
        reply
    }

    pub(in crate::session) fn id_token(&self) -> String {
        let now = self.now().0;
        let mut claims = json!({
            "sub": "user-1", "iss": ISSUER, "cognito:username": "demouser", "nonce": *self.nonce.borrow(),
            "aud": CLIENT_ID, "token_use": "id", "iat": now - self.backdates.get(), "auth_time": now,
            "exp": now + self.token_lifetime.get(), "email": "demo@example.com"
        });
        for (key, value) in self.claims.borrow().as_object().unwrap() {
            claims[key] = value.clone();
        }
        let kid = *self.kid.borrow();
        let header = json!({ "alg": "RS256", "kid": kid });
        token(&header, &claims, &self.signature())
    }

    /// Stands for the key and for what it signs.
    fn signature(&self) -> String {
        format!("signed by {}/{:02}", self.kid.borrow(), self.key.get())
    }
}

/// A token with these claims, for parts that do not check signatures.
pub(super) fn unsigned_token(claims: &Value) -> String {
    token(&json!({ "alg": "RS256", "kid": "key-1" }), claims, "")
}

fn token(header: &Value, claims: &Value, signature: &str) -> String {
    use base64::Engine as _;
    let encode = |text: &str| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text);
    [
        encode(&header.to_string()),
        encode(&claims.to_string()),
        encode(signature),
    ]
    .join(".")
}

fn kind_of(request: &HttpRequest) -> Kind {
    let target = request
        .headers
        .iter()
        .find(|(name, _)| name == "x-amz-target");
    let url = &request.url;
    match target.and_then(|(_, target)| target.split('.').next_back()) {
        Some("GetId") => Kind::GetId,
        Some("GetCredentialsForIdentity") => Kind::GetCredentials,
        Some("GlobalSignOut") => Kind::GlobalSignOut,
        _ if url.ends_with("/oauth2/revoke") => Kind::Revoke,
        _ if url.ends_with("/jwks.json") => Kind::Keys,
        _ if url.ends_with("/openid-configuration") => Kind::Discovery,
        _ if !url.ends_with("/oauth2/token") => Kind::Api,
        _ if request.body.text().contains("grant_type=refresh_token") => Kind::Refresh,
        _ => Kind::Code,
    }
}

impl Transport for Rc<FakeCloud> {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let kind = kind_of(&request);
        let host = crate::http::host_of(&request.url).to_owned();
        let unreachable = Err(TransportError::Unreachable { host });
        let fault = self.take_fault(kind);
        if matches!(fault, Some(Fault::Offline)) {
            return Err(TransportError::Offline);
        }
        self.asked.borrow_mut().push(kind);
        self.sent.borrow_mut().push(request.clone());
        tokio::time::sleep(Duration::from_millis(50)).await;
        let from_api = matches!(fault, Some(Fault::FromApi(..)));
        let (status, body) = match fault {
            Some(Fault::Reset) => return unreachable,
            Some(Fault::Answer(status, body) | Fault::FromApi(status, body)) => (status, body),
            fault => {
                let (status, mut body) = self.process(kind, &request);
                match fault {
                    Some(Fault::LoseReply) => return unreachable,
                    Some(Fault::DoneBut(status, body)) => (status, body),
                    Some(Fault::Edit(edit)) => {
                        edit(&mut body);
                        (status, body.to_string())
                    }
                    _ => (status, body.to_string()),
                }
            }
        };
        tokio::time::sleep(Duration::from_millis(50)).await;
        let date = self
            .sends_date
            .get()
            .then(|| ("date".to_owned(), http_date(self.now())));
        let error_type = gateway_error_type(status, &body).filter(|_| !from_api);
        Ok(HttpResponse::new(
            status,
            date.into_iter().chain(error_type).collect(),
            body,
        ))
    }
}

/// The header that API Gateway adds to its own refusals.
fn gateway_error_type(status: u16, body: &str) -> Option<(String, String)> {
    let name = match status {
        403 if body.contains("security token") => "ExpiredTokenException",
        403 if body.contains("Signature ") => "InvalidSignatureException",
        _ => return None,
    };
    Some(("x-amzn-errortype".to_owned(), name.to_owned()))
}

/// Day of November 2023, and second of that day: all that tests live through.
fn day_and_second(time: Timestamp) -> (u64, u64) {
    let since = time.0 - 1_699_920_000;
    assert!(since < 16 * 86_400, "the fake cloud knows no later date");
    (14 + since / 86_400, since % 86_400)
}

fn http_date(time: Timestamp) -> String {
    let (day, second) = day_and_second(time);
    let (hour, minute) = (second / 3_600, second / 60 % 60);
    format!(
        "Tue, {day:02} Nov 2023 {hour:02}:{minute:02}:{:02} GMT",
        second % 60
    )
}

fn iso8601_basic(time: Timestamp) -> String {
    let (day, second) = day_and_second(time);
    let (hour, minute) = (second / 3_600, second / 60 % 60);
    format!("202311{day:02}T{hour:02}{minute:02}{:02}Z", second % 60)
}
