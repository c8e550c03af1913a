//! From event to decision.

use serde_json::Value;
use time::Timestamp;

use crate::{
    crypto,
    documents::Documents,
    event::{AuthorizerRequest, EventFormat},
    keys::Keys,
    policy,
    reason::Reason,
    sessions::{self, NoSessions, SessionRecord, Sessions},
    settings::{HttpApiAnswer, Issuer, Settings},
    token::{Bearer, Claims, UnverifiedToken},
};

/// Decides about requests, and keeps the issuers' keys between them.
#[derive(Debug)]
pub struct Authorizer<D, S = NoSessions> {
    settings: Settings,
    /// One entry per issuer, in the order of the settings.
    keys: Vec<Keys>,
    documents: D,
    sessions: S,
}

/// The answer to API Gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// A policy or a simple answer.
    Body(Value),
    /// The error with the text `Unauthorized`, which API Gateway turns into 401.
    Unauthorized,
    /// Any other error, which becomes 500: the token could not be checked, and a retry may help.
    Failed,
}

/// A decision, with its log fields. None of them repeats the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The answer to API Gateway.
    pub answer: Answer,
    /// Why access was denied; `None` when it was granted.
    pub refusal: Option<Reason>,
    /// The format of the event; `None` when it has none of the formats of API Gateway.
    pub format: Option<EventFormat>,
    /// Method and path of the route, if the settings contain it.
    pub route: Option<String>,
    /// The issuer, if the settings contain it.
    pub issuer: Option<String>,
    /// The `sub` of the token, if the token is valid.
    pub subject: Option<String>,
}

/// A genuine token. Whether it is still valid is not checked yet.
enum Genuine<'a> {
    /// A token that one of the issuers signed.
    Signed(&'a Issuer, Box<Claims>),
    /// The token of a session, with the name that stands for its issuer.
    Session(&'a str, SessionRecord),
}

/// A token that is not genuine or not valid, or that could not be checked.
#[derive(Clone, Copy)]
struct Refused<'a> {
    issuer: Option<&'a str>,
    reason: Reason,
}

impl Genuine<'_> {
    /// The user of the token, if the token is valid at `now` and for this API.
    fn check(&self, now: Timestamp) -> Result<Bearer<'_>, Refused<'_>> {
        let (bearer, issuer) = match self {
            Self::Signed(issuer, claims) => (claims.check(issuer, now), issuer.name.as_str()),
            Self::Session(issuer, session) => (session.check(issuer, now), *issuer),
        };
        bearer.map_err(|reason| Refused {
            issuer: Some(issuer),
            reason,
        })
    }
}

impl<D: Documents> Authorizer<D> {
    /// An authorizer without keys yet and without sessions.
    pub fn new(settings: Settings, documents: D) -> Self {
        Authorizer::with_sessions(settings, documents, NoSessions)
    }
}

impl<D: Documents, S: Sessions> Authorizer<D, S> {
    /// An authorizer without keys yet, which uses `sessions` if the settings have a table of sessions.
    pub fn with_sessions(settings: Settings, documents: D, sessions: S) -> Self {
        crypto::install();
        Self {
            keys: settings.issuers.iter().map(|_| Keys::default()).collect(),
            settings,
            documents,
            sessions,
        }
    }

    /// Reads the keys of all issuers before the first request. A failure is not final: the first request tries again.
    pub async fn prefetch(&self, now: Timestamp) {
        let all = self.settings.issuers.iter().zip(&self.keys);
        let all = all.map(|(issuer, keys)| keys.prefetch(&self.documents, issuer, now));
        futures::future::join_all(all).await;
    }

    /// Decides about one event of API Gateway.
    pub async fn decide(&self, event: &Value, now: Timestamp) -> Decision {
        let Some(request) = AuthorizerRequest::read(event) else {
            return Decision {
                answer: Answer::Failed,
                refusal: Some(Reason::Event),
                format: None,
                route: None,
                issuer: None,
                subject: None,
            };
        };
        let genuine = match request.token {
            Ok(token) => self.authenticate(token, now).await,
            Err(reason) => Err(Refused {
                issuer: None,
                reason,
            }),
        };
        let bearer = match &genuine {
            Ok(genuine) => genuine.check(now),
            Err(refused) => Err(*refused),
        };
        match bearer {
            Ok(bearer) => self.grant(&request, &bearer),
            Err(refused) => self.refuse(&request, &refused),
        }
    }

    /// Checks who issued `token`, and its signature.
    async fn authenticate(&self, token: &str, now: Timestamp) -> Result<Genuine<'_>, Refused<'_>> {
        let unknown = |reason| Refused {
            issuer: None,
            reason,
        };
        if let Some(table) = &self.settings.sessions
            && sessions::is_opaque(token)
        {
            return self.find_session(token, &table.issuer).await;
        }
        let token = UnverifiedToken::parse(token).map_err(unknown)?;
        let (issuer, keys) = self
            .settings
            .issuers
            .iter()
            .zip(&self.keys)
            .find(|(issuer, _)| token.issuer() == issuer.name)
            .ok_or(unknown(Reason::Issuer))?;
        let claims = keys.verify(&self.documents, issuer, &token, now).await;
        match claims {
            Ok(claims) => Ok(Genuine::Signed(issuer, claims)),
            Err(reason) => Err(Refused {
                issuer: Some(issuer.name.as_str()),
                reason,
            }),
        }
    }

    /// Reads the session of an opaque `token`.
    async fn find_session<'a>(
        &self,
        token: &str,
        issuer: &'a str,
    ) -> Result<Genuine<'a>, Refused<'a>> {
        let refused = |reason| Refused {
            issuer: Some(issuer),
            reason,
        };
        match self
            .sessions
            .find(&lambda_common::token_digest(token))
            .await
        {
            Ok(Some(session)) => Ok(Genuine::Session(issuer, session)),
            Ok(None) => Err(refused(Reason::Session)),
            Err(error) => {
                tracing::warn!(%error, "cannot read the sessions");
                Err(refused(Reason::SessionsUnavailable))
            }
        }
    }

    /// The decision about a request with a valid token.
    fn grant(&self, request: &AuthorizerRequest<'_>, bearer: &Bearer<'_>) -> Decision {
        let stage = request.route.stage;
        let open = policy::open_routes(&self.settings.routes, bearer);
        let is_open = open
            .iter()
            .any(|route| request.route.is(&route.method, &route.path));
        let answer = match (request.format, self.settings.http_api_answer) {
            (EventFormat::HttpApi2, HttpApiAnswer::Simple) => policy::simple(is_open, bearer),
            _ => policy::allow(stage, &open, bearer),
        };
        Decision {
            answer: Answer::Body(answer),
            refusal: (!is_open).then_some(Reason::Scope),
            format: Some(request.format),
            route: self.route(request),
            issuer: Some(bearer.issuer.to_owned()),
            subject: Some(bearer.subject.to_owned()),
        }
    }

    /// The decision about a request without a valid token.
    fn refuse(&self, request: &AuthorizerRequest<'_>, refused: &Refused<'_>) -> Decision {
        let stage = request.route.stage;
        let answer = match (refused.reason, request.format) {
            (Reason::KeysUnavailable | Reason::SessionsUnavailable, _) => Answer::Failed,
            (_, EventFormat::Token | EventFormat::Request) => Answer::Unauthorized,
            // An HTTP API turns every error into 500.
            (_, EventFormat::HttpApi1) => Answer::Body(policy::deny(stage)),
            (_, EventFormat::HttpApi2) => {
                Answer::Body(policy::refuse(stage, self.settings.http_api_answer))
            }
        };
        Decision {
            answer,
            refusal: Some(refused.reason),
            format: Some(request.format),
            route: self.route(request),
            issuer: refused.issuer.map(str::to_owned),
            subject: None,
        }
    }

    fn route(&self, request: &AuthorizerRequest<'_>) -> Option<String> {
        let mut routes = self.settings.routes.iter();
        let route = routes.find(|route| request.route.is(&route.method, &route.path))?;
        Some(route.name())
    }
}
