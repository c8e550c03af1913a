//! Calling a route with what its protection asks for.

use super::Client;
use super::error::{AuthError, Step};
use super::state::SignedIn;
use crate::aws::sigv4::{Scope, sign};
use crate::config::{Route, RouteAuth};
use crate::gateway::answer::{Answer, read_answer};
use crate::gateway::refusal::Refusal;
use crate::gateway::request::route_request;
use crate::http::{HttpRequest, Transport};
use crate::store::Store;

impl<T: Transport, S: Store> Client<T, S> {
    /// Calls a route, as a guest or as whoever is signed in.
    ///
    /// # Errors
    /// [`AuthError::SignInRequired`] before anything is sent when the route wants somebody who is signed in;
    /// otherwise what kept the request from being sent or answered. A refusal by the gateway is an
    /// [`Answer`], not an error.
    pub async fn call(
        &self,
        route: &Route,
        signed_in: Option<&SignedIn>,
    ) -> Result<Answer, AuthError> {
        let answer = self.call_once(route, signed_in).await?;
        // AWS refused the signature before the request reached the API, so repeating it is safe.
        let outdated =
            route.auth == RouteAuth::Iam && answer.refusal == Some(Refusal::ExpiredSecurityToken);
        if !outdated {
            return Ok(answer);
        }
        self.credentials.forget();
        self.call_once(route, signed_in).await
    }

    async fn call_once(
        &self,
        route: &Route,
        signed_in: Option<&SignedIn>,
    ) -> Result<Answer, AuthError> {
        let request = route_request(&self.config.api, route);
        let request = match (route.auth, signed_in) {
            (RouteAuth::Open, _) => request,
            (RouteAuth::Iam | RouteAuth::Bearer, None) => return Err(AuthError::SignInRequired),
            (RouteAuth::Iam, Some(signed_in)) => self.signed(request, signed_in).await?,
            (RouteAuth::Bearer, Some(signed_in)) => request.header(
                "authorization",
                format!("Bearer {}", signed_in.tokens.access_token.secret()),
            ),
        };
        let sent = self.transport.send(request).await;
        let response = sent.map_err(|source| AuthError::Transport {
            during: Step::Api,
            source,
        })?;
        Ok(read_answer(&response))
    }

    async fn signed(
        &self,
        request: HttpRequest,
        signed_in: &SignedIn,
    ) -> Result<HttpRequest, AuthError> {
        let credentials = self.credentials(signed_in).await?;
        let scope = Scope {
            region: &self.config.api.region,
            service: &self.config.api.service,
        };
        Ok(sign(request, &credentials, scope, (self.now)())?)
    }
}
