//! Calling a route with what its protection asks for.

use super::Client;
use super::error::{AuthError, Step};
use crate::aws::sigv4::Scope;
use crate::config::{Route, RouteAuth};
use crate::gateway::answer::{Answer, read_answer};
use crate::gateway::refusal::Refusal;
use crate::gateway::request::route_request;
use crate::host::Host;
use crate::http::{HttpRequest, HttpResponse, Transport};
use crate::store::Store;

impl<T: Transport, S: Store, H: Host> Client<T, S, H> {
    /// Calls a route, as a guest or as whoever is signed in.
    ///
    /// # Errors
    /// [`AuthError::SignInRequired`] before anything is sent when the route wants somebody who is signed in;
    /// otherwise what kept the request from being sent or answered. A refusal by the gateway is an
    /// [`Answer`], not an error.
    pub async fn call(&self, route: &Route) -> Result<Answer, AuthError> {
        let (mut new_credentials, mut new_time) = (false, false);
        loop {
            let response = self.call_once(route).await?;
            let answer = read_answer(&response);
            // AWS refused the signature before the request reached the API, so repeating it is safe.
            let repeat = match &answer.refusal {
                _ if route.auth != RouteAuth::Iam => false,
                Some(Refusal::ExpiredSecurityToken) if !new_credentials => {
                    new_credentials = true;
                    self.credentials.forget();
                    true
                }
                Some(
                    Refusal::SignatureExpired { server_time }
                    | Refusal::SignatureNotYetCurrent { server_time },
                ) if !new_time => {
                    new_time = true;
                    match server_time {
                        Some(server_time) => self.learn_time(*server_time),
                        None => self.learn_from(&response),
                    }
                }
                _ => false,
            };
            if !repeat {
                return Ok(answer);
            }
        }
    }

    async fn call_once(&self, route: &Route) -> Result<HttpResponse, AuthError> {
        let request = route_request(&self.config.api, route);
        let request = match route.auth {
            RouteAuth::Open => request,
            RouteAuth::Iam => self.signed(request).await?,
            RouteAuth::Bearer => {
                let access_token = self.bearer_token().await?;
                request.header("authorization", ["Bearer ", access_token.secret()].concat())
            }
        };
        self.ask(request, Step::Api).await
    }

    async fn signed(&self, request: HttpRequest) -> Result<HttpRequest, AuthError> {
        self.signer.prepare();
        let credentials = self.credentials().await?;
        let scope = Scope {
            region: &self.config.api.region,
            service: &self.config.api.service,
        };
        let signing = self.signer.sign(request, &credentials, scope, self.now());
        Ok(signing.await?)
    }
}
