//! API-managed accounts, beside those of the provider: register, sign in and sign out. Their API is that of
//! `lambdas/accounts`, described in `docs/accounts.md`.
//!
//! Such an account is independent of the session at the provider and is not shared between tabs. Its token is stored as
//! `session.storage` says, and is sent to routes with `RouteAuth::Bearer` while no user is signed in at the provider.

use std::cell::RefCell;
use std::rc::Rc;

use serde_json::Value;
use thiserror::Error;

use super::context::Context;
use super::error::AuthError;
use super::error::Step;
use super::keys;
use crate::gateway::CancelToken;
use crate::host::Host;
use crate::http::{HttpRequest, HttpResponse, Method, Transport};
use crate::json;
use crate::oauth::tokens::AccessToken;
use crate::store::Store;
use crate::time::Timestamp;

/// An API-managed account that is signed in.
///
/// The API checks the token; `name` is for display.
///
/// ```
/// use velvet_rope::{Account, Timestamp};
///
/// fn line(account: &Account, now: Timestamp) -> String {
///     let minutes = account.expires.since(now).as_secs() / 60;
///     format!("{}, for {minutes} more minutes", account.name)
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The name, as the user typed it.
    pub name: String,
    /// When the token expires.
    /// There is no renewal: the user signs in again.
    pub expires: Timestamp,
    /// An opaque session token or a signed one (`AccountsMode` of the template); the app treats both alike.
    token: AccessToken,
}

/// Why a sign-in or a sign-out failed.
///
/// Returned by [`Client::sign_in_account`](super::Client::sign_in_account). The texts contain no password.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AccountError {
    /// The name or the password is wrong; the API does not say which.
    #[error("the name or the password is wrong")]
    Wrong,
    /// Another account has this name.
    /// Only when registering.
    #[error("the name is taken")]
    Taken,
    /// Too many attempts, with the seconds to wait if the API says so.
    /// From the header `retry-after`.
    #[error("too many attempts")]
    TooMany(Option<u64>),
    /// The API does not accept the name or the password, with its message.
    /// For example that the password is too short.
    #[error("the API refused what was typed: {0}")]
    Refused(String),
    /// The API failed, or sent an unexpected response.
    #[error("the API answered with status {0}")]
    Failed(u16),
    /// The request was not answered, or the browser stores nothing.
    #[error(transparent)]
    NotAsked(#[from] AuthError),
}

/// What became of the token after signing out.
///
/// In each case the app has deleted the token from this browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountSignOut {
    /// It is not valid any more.
    Revoked,
    /// It is a signed one, which cannot be revoked: a copy of it is valid until then.
    GoodUntil(Timestamp),
    /// The API did not answer: a copy is valid until then.
    NotTold(Timestamp),
}

/// The API-managed account of this tab.
pub(super) struct Accounts<T, S, H> {
    context: Rc<Context<T, S, H>>,
    /// Cancels the calls with the token of the account.
    calls: RefCell<CancelToken>,
}

impl<T: Transport, S: Store, H: Host> Accounts<T, S, H> {
    pub(super) fn new(context: Rc<Context<T, S, H>>) -> Self {
        Self {
            context,
            calls: RefCell::default(),
        }
    }

    /// The account that is signed in, until its token expires.
    pub(super) fn account(&self) -> Option<Account> {
        let now = self.context.now();
        self.stored().filter(|account| account.expires > now)
    }

    /// The stored account, also after its token has expired.
    fn stored(&self) -> Option<Account> {
        self.context.config.accounts.as_ref()?;
        let record = json::object(&self.context.ports.sessions.get(keys::ACCOUNT).ok()??)?;
        Some(Account {
            name: json::text(&record, "name")?,
            expires: json::time(&record, "expires")?,
            token: AccessToken::new(json::text(&record, "token")?),
        })
    }

    /// Signs in with an account, which is registered first if it is `new`. The API does not say whether a name was free, but
    /// the sign-in does.
    pub(super) async fn sign_in(
        &self,
        new: bool,
        name: &str,
        password: &str,
    ) -> Result<(), AccountError> {
        let paths: &[&str] = if new {
            &["/register", "/login"]
        } else {
            &["/login"]
        };
        for path in paths {
            let mut typed = json::record([("name", name.into()), ("password", password.into())]);
            if *path == "/login"
                && let Some(device) = self.device_token(name)
            {
                json::set(&mut typed, "device_token", device);
            }
            let request = self
                .request(path)
                .header("content-type", "application/json")
                .body(json::write(&typed));
            let response = self.context.send(request, Step::Api).await?;
            let answer = json::object(&response.text()).unwrap_or_default();
            if !response.is_success() {
                return Err(match refusal(&response, &answer) {
                    AccountError::Wrong if new => AccountError::Taken,
                    error => error,
                });
            }
            if *path == "/login" {
                self.save(name, &answer)?;
                self.save_device_token(name, &answer);
            }
        }
        Ok(())
    }

    /// What the last sign-in with this name in this browser returned. With it, wrong passwords from elsewhere do not
    /// delay this one. It grants nothing.
    fn device_token(&self, name: &str) -> Option<String> {
        let record = self.context.ports.shared.get(keys::DEVICES).ok()??;
        json::text(&json::object(&record)?, &name.trim().to_lowercase())
    }

    /// Stores the device token, if the API returns one. Without storage, the next sign-in is one of an unknown device.
    fn save_device_token(&self, name: &str, answer: &Value) {
        let shared = &self.context.ports.shared;
        let Some(device) = json::text(answer, "device_token") else {
            return;
        };
        let record = shared.get(keys::DEVICES).ok().flatten();
        let record = record.and_then(|record| json::object(&record));
        let mut record = record.unwrap_or_else(|| json::record([]));
        json::set(&mut record, &name.trim().to_lowercase(), device);
        let _ = shared.set(keys::DEVICES, &json::write(&record));
    }

    /// Stores name, token and expiry. An answer without a token or lifetime is a failure of the API.
    fn save(&self, name: &str, answer: &Value) -> Result<(), AccountError> {
        let lifetime = json::lifetime(answer, "expires_in");
        let token = json::text(answer, "access_token");
        let (Some(lifetime), Some(token)) = (lifetime, token) else {
            return Err(AccountError::Failed(200));
        };
        let expires = self.context.now().plus(lifetime).0;
        let record = json::record([
            ("name", name.into()),
            ("expires", expires.into()),
            ("token", token.into()),
        ]);
        let saved = self
            .context
            .ports
            .sessions
            .set(keys::ACCOUNT, &json::write(&record));
        Ok(saved.map_err(AuthError::from)?)
    }

    /// Removes the token, then ends its session, also where this device's clock says that the token has expired. `None`
    /// when no account was signed in.
    pub(super) async fn sign_out(&self) -> Option<AccountSignOut> {
        let Account { expires, token, .. } = self.stored()?;
        let _ = self.context.ports.sessions.remove(keys::ACCOUNT);
        self.calls.take().cancel();
        let request = self
            .request("/logout")
            .header("authorization", ["Bearer ", token.secret()].concat());
        let answer = self.context.send(request, Step::Api).await.ok();
        let answer = answer.filter(HttpResponse::is_success);
        let revoked = answer.and_then(|answer| {
            let answer = json::object(&answer.text())?;
            answer.get("revoked")?.as_bool()
        });
        Some(match revoked {
            Some(true) => AccountSignOut::Revoked,
            Some(false) => AccountSignOut::GoodUntil(expires),
            None => AccountSignOut::NotTold(expires),
        })
    }

    /// Cancelled when the account signs out.
    pub(super) fn calls(&self) -> CancelToken {
        self.calls.borrow().clone()
    }

    /// The token of the account, until it expires.
    pub(super) fn token(&self) -> Option<AccessToken> {
        self.account().map(|account| account.token)
    }

    /// A request to the API of the accounts, with the API key if one is configured.
    fn request(&self, path: &str) -> HttpRequest {
        let accounts = self.context.config.accounts.as_ref();
        let base = accounts.map_or("", |accounts| &accounts.base_url);
        let request = HttpRequest::new(Method::Post, [base, path].concat());
        match &self.context.config.api.key {
            Some(key) => request.header("x-api-key", key),
            None => request,
        }
    }
}

/// Why the API refused.
fn refusal(response: &HttpResponse, answer: &Value) -> AccountError {
    match response.status {
        400 => AccountError::Refused(json::text(answer, "message").unwrap_or_default()),
        401 => AccountError::Wrong,
        429 => {
            let seconds = response.header("retry-after");
            AccountError::TooMany(seconds.and_then(|seconds| seconds.parse().ok()))
        }
        status => AccountError::Failed(status),
    }
}
