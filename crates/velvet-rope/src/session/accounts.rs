//! Accounts of the API's own, beside those of the provider: register, sign in, sign out, and the token that bearer
//! routes are called with. The API is that of `lambdas/accounts`, described in `docs/accounts.md`.

use serde_json::{Value, json};
use thiserror::Error;

use super::error::{AuthError, Step};
use super::{Client, keys};
use crate::host::Host;
use crate::http::{HttpRequest, HttpResponse, Method, Transport};
use crate::json;
use crate::oauth::tokens::AccessToken;
use crate::store::Store;
use crate::time::Timestamp;

/// Who is signed in with an account of the API's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The name, as it was typed.
    pub name: String,
    /// When the token expires.
    pub expires: Timestamp,
    token: AccessToken,
}

/// Why nobody is signed in or out.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AccountError {
    /// The name or the password is wrong; which of the two is not told.
    #[error("the name or the password is wrong")]
    Wrong,
    /// The name belongs to somebody else already.
    #[error("the name is taken")]
    Taken,
    /// Too many attempts; the API says how many seconds to wait, if it says so.
    #[error("too many attempts")]
    TooMany(Option<u64>),
    /// The API does not take the name or the password, in its own words.
    #[error("the API refused what was typed: {0}")]
    Refused(String),
    /// The API failed, or says what it never should.
    #[error("the API answered with status {0}")]
    Failed(u16),
    /// The API could not be asked, or the browser keeps nothing.
    #[error(transparent)]
    NotAsked(#[from] AuthError),
}

/// What became of the token after signing out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountSignOut {
    /// It opens nothing any more.
    Revoked,
    /// It is a signed one, which cannot be taken back: a copy of it is good until then.
    GoodUntil(Timestamp),
    /// The API could not be asked to end the session: a copy is good until then.
    NotTold(Timestamp),
}

impl<T: Transport, S: Store, H: Host> Client<T, S, H> {
    /// Who is signed in with an account, until the token expires.
    pub fn account(&self) -> Option<Account> {
        self.config.accounts.as_ref()?;
        let record = json::object(&self.sessions.get(keys::ACCOUNT).ok()??)?;
        let account = Account {
            name: json::text(&record, "name")?,
            expires: json::time(&record, "expires")?,
            token: AccessToken::new(json::text(&record, "token")?),
        };
        (account.expires > self.now()).then_some(account)
    }

    /// Signs in with an account, which is made first if it is `new`. The API does not tell whether a name was free,
    /// but the sign-in does.
    ///
    /// # Errors
    /// [`AccountError::Taken`] when the account of the new name has another password; otherwise why nobody is
    /// signed in.
    pub async fn sign_in_account(
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
            let typed = json!({ "name": name, "password": password });
            let request = self
                .accounts_request(path)
                .header("content-type", "application/json")
                .body(typed.to_string());
            let response = self.ask(request, Step::Api).await?;
            let answer = json::object(&response.body).unwrap_or_default();
            if !response.is_success() {
                return Err(match refusal(&response, &answer) {
                    AccountError::Wrong if new => AccountError::Taken,
                    error => error,
                });
            }
            if *path == "/login" {
                self.keep_account(name, &answer)?;
            }
        }
        Ok(())
    }

    fn keep_account(&self, name: &str, answer: &Value) -> Result<(), AccountError> {
        let lifetime = answer.get("expires_in").and_then(Value::as_u64);
        let token = json::text(answer, "access_token");
        let (Some(lifetime), Some(token)) = (lifetime, token) else {
            return Err(AccountError::Failed(200));
        };
        let expires = self.now().0.saturating_add(lifetime);
        let record = json!({ "name": name, "expires": expires, "token": token });
        let kept = self.sessions.set(keys::ACCOUNT, &record.to_string());
        Ok(kept.map_err(AuthError::from)?)
    }

    /// Forgets the token, then has its session ended. `None` when nobody was signed in.
    pub async fn sign_out_account(&self) -> Option<AccountSignOut> {
        let Account { expires, token, .. } = self.account()?;
        let _ = self.sessions.remove(keys::ACCOUNT);
        let request = self
            .accounts_request("/logout")
            .header("authorization", ["Bearer ", token.secret()].concat());
        let answer = self.ask(request, Step::Api).await.ok();
        let answer = answer.filter(HttpResponse::is_success);
        let revoked = answer.and_then(|answer| {
            let answer = json::object(&answer.body)?;
            answer.get("revoked")?.as_bool()
        });
        Some(match revoked {
            Some(true) => AccountSignOut::Revoked,
            Some(false) => AccountSignOut::GoodUntil(expires),
            None => AccountSignOut::NotTold(expires),
        })
    }

    /// What a bearer route is called with: the token of whoever is signed in with the provider, else that of the
    /// account.
    pub(super) async fn bearer_token(&self) -> Result<AccessToken, AuthError> {
        let account = self.account();
        match (self.signed_in(), account) {
            (None, Some(account)) => Ok(account.token),
            _ => Ok(self.fresh().await?.tokens.access_token),
        }
    }

    fn accounts_request(&self, path: &str) -> HttpRequest {
        let accounts = self.config.accounts.as_ref();
        let base = accounts.map_or("", |accounts| &accounts.base_url);
        let request = HttpRequest::new(Method::Post, [base, path].concat());
        match &self.config.api.key {
            Some(key) => request.header("x-api-key", key),
            None => request,
        }
    }
}

/// Why the API did not do it.
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
