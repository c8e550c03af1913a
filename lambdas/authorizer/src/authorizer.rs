//! From event to answer.

use serde_json::Value;

use crate::{
    documents::Documents,
    event::{Question, Shape},
    keys::Keys,
    policy,
    reason::Reason,
    sessions::{self, KeptSession, NoSessions, Sessions},
    settings::{HttpApiAnswer, Issuer, Settings},
    time::Timestamp,
    token::{Bearer, Claims, UnverifiedToken},
};

/// Decides about requests, and keeps the issuers' keys between them.
#[derive(Debug)]
pub struct Authorizer<D, S = NoSessions> {
    settings: Settings,
    /// Of each issuer, in the order of the settings.
    keys: Vec<Keys>,
    documents: D,
    sessions: S,
}

/// What API Gateway is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// A policy or a simple answer.
    Body(Value),
    /// The error with the text `Unauthorized`, which API Gateway turns into 401.
    Unauthorized,
    /// Any other error, which becomes 500: nothing could be decided, and trying again may help.
    Failed,
}

/// A decision, with what the log tells of it. No part of it repeats the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// What API Gateway is answered.
    pub answer: Answer,
    /// Why the caller was refused; `None` when it was let in.
    pub refusal: Option<Reason>,
    /// Who asked; `None` for an event that nobody sends.
    pub shape: Option<Shape>,
    /// Method and path of the route, if it is one of the settings.
    pub route: Option<String>,
    /// The issuer, if it is one of the settings.
    pub issuer: Option<String>,
    /// The `sub` of the token, if its signature is good.
    pub subject: Option<String>,
}

/// A token that is genuine; whether it still holds is another question.
enum Accepted<'a> {
    /// Signed by one of the issuers.
    Signed(&'a Issuer, Claims),
    /// Of a session, with what is told as its issuer.
    Kept(&'a str, KeptSession),
}

/// A token that is not, or about which nothing can be told.
#[derive(Clone, Copy)]
struct Refused<'a> {
    issuer: Option<&'a str>,
    reason: Reason,
}

impl Accepted<'_> {
    /// Whose token it is, if it holds `now` and is for this API.
    fn check(&self, now: Timestamp) -> Result<Bearer<'_>, Refused<'_>> {
        let (bearer, issuer) = match self {
            Self::Signed(issuer, claims) => (claims.check(issuer, now), issuer.name.as_str()),
            Self::Kept(issuer, session) => (session.check(issuer, now), *issuer),
        };
        bearer.map_err(|reason| Refused {
            issuer: Some(issuer),
            reason,
        })
    }
}

impl<D: Documents> Authorizer<D> {
    /// An authorizer that has no keys yet and knows of no sessions.
    pub fn new(settings: Settings, documents: D) -> Self {
        Authorizer::with_sessions(settings, documents, NoSessions)
    }
}

impl<D: Documents, S: Sessions> Authorizer<D, S> {
    /// An authorizer that has no keys yet, and that looks for `sessions` where the settings name a table of them.
    pub fn with_sessions(settings: Settings, documents: D, sessions: S) -> Self {
        Self {
            keys: settings.issuers.iter().map(|_| Keys::default()).collect(),
            settings,
            documents,
            sessions,
        }
    }

    /// Reads the keys of all issuers, so that the first request need not. What fails is tried again then.
    pub async fn prefetch(&self, now: Timestamp) {
        let all = self.settings.issuers.iter().zip(&self.keys);
        let all = all.map(|(issuer, keys)| keys.prefetch(&self.documents, issuer, now));
        futures::future::join_all(all).await;
    }

    /// Decides about one event of API Gateway.
    pub async fn decide(&self, event: &Value, now: Timestamp) -> Decision {
        let Some(question) = Question::read(event) else {
            return Decision {
                answer: Answer::Failed,
                refusal: Some(Reason::Event),
                shape: None,
                route: None,
                issuer: None,
                subject: None,
            };
        };
        let accepted = match question.token {
            Ok(token) => self.accept(token, now).await,
            Err(reason) => Err(Refused {
                issuer: None,
                reason,
            }),
        };
        let bearer = match &accepted {
            Ok(accepted) => accepted.check(now),
            Err(refused) => Err(*refused),
        };
        match bearer {
            Ok(bearer) => self.answer(&question, &bearer),
            Err(refused) => self.refuse(&question, &refused),
        }
    }

    /// Checks who issued and signed `token`.
    async fn accept(&self, token: &str, now: Timestamp) -> Result<Accepted<'_>, Refused<'_>> {
        let nobodys = |reason| Refused {
            issuer: None,
            reason,
        };
        if let Some(table) = &self.settings.sessions
            && sessions::is_opaque(token)
        {
            return self.find(token, &table.issuer).await;
        }
        let token = UnverifiedToken::parse(token).map_err(nobodys)?;
        let (issuer, keys) = self
            .settings
            .issuers
            .iter()
            .zip(&self.keys)
            .find(|(issuer, _)| token.issuer() == Some(&issuer.name))
            .ok_or(nobodys(Reason::Issuer))?;
        let of_issuer = |reason| Refused {
            issuer: Some(issuer.name.as_str()),
            reason,
        };
        let key = keys
            .find(&self.documents, issuer, token.key_id(), now)
            .await
            .map_err(of_issuer)?;
        let claims = token.verify(&key).map_err(of_issuer)?;
        Ok(Accepted::Signed(issuer, claims))
    }

    /// Looks for the session of an opaque `token`.
    async fn find<'a>(&self, token: &str, issuer: &'a str) -> Result<Accepted<'a>, Refused<'a>> {
        let refused = |reason| Refused {
            issuer: Some(issuer),
            reason,
        };
        match self.sessions.find(&sessions::token_digest(token)).await {
            Ok(Some(session)) => Ok(Accepted::Kept(issuer, session)),
            Ok(None) => Err(refused(Reason::Session)),
            Err(error) => {
                tracing::warn!(%error, "cannot read the sessions");
                Err(refused(Reason::SessionsUnavailable))
            }
        }
    }

    /// The answer about the good token of `bearer`.
    fn answer(&self, question: &Question<'_>, bearer: &Bearer<'_>) -> Decision {
        let stage = question.route.stage;
        let open = policy::open_routes(&self.settings.routes, bearer);
        let is_open = open
            .iter()
            .any(|route| question.route.is(&route.method, &route.path));
        let answer = match (question.shape, self.settings.http_api_answer) {
            (Shape::HttpApi2, HttpApiAnswer::Simple) => policy::simple(is_open, bearer),
            _ => policy::allow(stage, &open, bearer),
        };
        Decision {
            answer: Answer::Body(answer),
            refusal: (!is_open).then_some(Reason::Scope),
            shape: Some(question.shape),
            route: self.route(question),
            issuer: Some(bearer.issuer.to_owned()),
            subject: Some(bearer.subject.to_owned()),
        }
    }

    /// The answer about a request without a good token.
    fn refuse(&self, question: &Question<'_>, refused: &Refused<'_>) -> Decision {
        let stage = question.route.stage;
        let answer = match (refused.reason, question.shape) {
            (Reason::KeysUnavailable | Reason::SessionsUnavailable, _) => Answer::Failed,
            (_, Shape::Token | Shape::Request) => Answer::Unauthorized,
            // An HTTP API turns every error into 500.
            (_, Shape::HttpApi1) => Answer::Body(policy::deny(stage)),
            (_, Shape::HttpApi2) => {
                Answer::Body(policy::refuse(stage, self.settings.http_api_answer))
            }
        };
        Decision {
            answer,
            refusal: Some(refused.reason),
            shape: Some(question.shape),
            route: self.route(question),
            issuer: refused.issuer.map(str::to_owned),
            subject: None,
        }
    }

    fn route(&self, question: &Question<'_>) -> Option<String> {
        let mut routes = self.settings.routes.iter();
        let route = routes.find(|route| question.route.is(&route.method, &route.path))?;
        Some(route.name())
    }
}
