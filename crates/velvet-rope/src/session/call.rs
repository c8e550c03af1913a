//! Calling a route with what its protection requires.

use std::rc::Rc;

use super::accounts::Accounts;
use super::context::Context;
use super::credentials::CredentialsSource;
use super::error::AuthError;
use super::error::Step;
use super::renewal::Renewal;
use super::session_store::SessionStore;
use super::tabs::Tabs;
use crate::aws::sigv4::Scope;
use crate::config::{Route, RouteAuth};
use crate::gateway::answer::{Answer, read_answer};
use crate::gateway::refusal::Refusal;
use crate::gateway::request::route_request;
use crate::host::Host;
use crate::http::{HttpRequest, HttpResponse, Method, Transport};
use crate::oauth::tokens::AccessToken;
use crate::store::Store;

/// Calls to the API.
pub(super) struct Calls<T, S, H> {
    context: Rc<Context<T, S, H>>,
    store: Rc<SessionStore<T, S, H>>,
    tabs: Rc<Tabs<T, S, H>>,
    renewal: Rc<Renewal<T, S, H>>,
    credentials: Rc<CredentialsSource<T, S, H>>,
    accounts: Rc<Accounts<T, S, H>>,
}

impl<T: Transport, S: Store, H: Host> Calls<T, S, H> {
    pub(super) fn new(
        context: Rc<Context<T, S, H>>,
        store: Rc<SessionStore<T, S, H>>,
        tabs: Rc<Tabs<T, S, H>>,
        renewal: Rc<Renewal<T, S, H>>,
        credentials: Rc<CredentialsSource<T, S, H>>,
        accounts: Rc<Accounts<T, S, H>>,
    ) -> Self {
        Self {
            context,
            store,
            tabs,
            renewal,
            credentials,
            accounts,
        }
    }

    /// Calls a route, and once more where AWS refused the signature for a reason that can be repaired.
    pub(super) async fn call(&self, route: &Route) -> Result<Answer, AuthError> {
        let mut new_credentials = false;
        let mut new_offset = None;
        loop {
            let response = self.call_once(route, new_offset).await?;
            let answer = read_answer(&response);
            if !refuses_signature(&answer) {
                // The gateway accepted the signature, and with it the time.
                self.context.share_offset(new_offset);
            }
            // The API may have carried out a request that it refuses with the text of a gateway's refusal.
            let safe = matches!(route.method, Method::Get | Method::Head | Method::Options);
            let may_repeat = answer.refused_by_gateway || safe;
            let repeat = match &answer.refusal {
                _ if route.auth != RouteAuth::Iam || !may_repeat => false,
                Some(Refusal::ExpiredSecurityToken | Refusal::InvalidSecurityToken)
                    if !new_credentials =>
                {
                    new_credentials = true;
                    self.credentials.forget();
                    true
                }
                Some(
                    Refusal::SignatureExpired { server_time }
                    | Refusal::SignatureNotYetCurrent { server_time },
                ) if new_offset.is_none() => {
                    new_offset = self.context.offset_from_refusal(*server_time, &response);
                    new_offset.is_some()
                }
                _ => false,
            };
            if !repeat {
                return Ok(answer);
            }
        }
    }

    async fn call_once(
        &self,
        route: &Route,
        offset: Option<i64>,
    ) -> Result<HttpResponse, AuthError> {
        let request = route_request(&self.context.config.api, route);
        let request = match route.auth {
            RouteAuth::Open => request,
            RouteAuth::Iam => self.signed(request, offset).await?,
            RouteAuth::Bearer => {
                let access_token = self.bearer_token().await?;
                request.header("authorization", ["Bearer ", access_token.secret()].concat())
            }
        };
        self.context.send(request, Step::Api).await
    }

    async fn signed(
        &self,
        request: HttpRequest,
        offset: Option<i64>,
    ) -> Result<HttpRequest, AuthError> {
        let signer = &self.context.ports.signer;
        signer.prepare();
        let credentials = self.credentials.fresh().await?;
        let scope = Scope {
            region: &self.context.config.api.region,
            service: &self.context.config.api.service,
        };
        let offset = offset.unwrap_or(self.context.offset_seconds());
        let now = self.context.device_time().shifted(offset);
        Ok(signer.sign(request, &credentials, scope, now).await?)
    }

    /// The access token of the user, or, without a session at the provider, the token of the API-managed account.
    async fn bearer_token(&self) -> Result<AccessToken, AuthError> {
        self.tabs.restored().await;
        match (self.store.signed_in(), self.accounts.token()) {
            (None, Some(token)) => Ok(token),
            _ => Ok(self.renewal.fresh().await?.tokens.access_token),
        }
    }
}

/// Whether the answer says that the gateway refused the signature: then nothing is known of the time it was made with.
fn refuses_signature(answer: &Answer) -> bool {
    matches!(
        answer.refusal,
        Some(
            Refusal::SignatureExpired { .. }
                | Refusal::SignatureNotYetCurrent { .. }
                | Refusal::SignatureMismatch
                | Refusal::IncompleteSignature
                | Refusal::WrongScope
        )
    )
}
