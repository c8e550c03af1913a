//! The checks of the API and of the clock.

use velvet_rope::{Config, HttpRequest, HttpResponse, Method, RouteAuth, Timestamp};

use crate::NO_VALUE;
use crate::finding::{Finding, State};
use crate::surroundings::{Preflight, Surroundings, needed_headers};

/// A request as the app would send it, with nothing that proves the caller.
fn request(config: &Config, method: Method, path: &str, headers: &[&str]) -> HttpRequest {
    let url = [&*config.api.base_url, path].concat();
    let add = |request: HttpRequest, name: &&str| match *name {
        "content-type" => request.header(name, "application/json"),
        _ => request.header(name, NO_VALUE),
    };
    headers.iter().fold(HttpRequest::new(method, url), add)
}

pub(crate) async fn route(
    title: String,
    config: &Config,
    position: usize,
    surroundings: &impl Surroundings,
) -> Finding {
    let Some(route) = config.api.routes.get(position) else {
        return Finding::ok(title, "there is no such route").with_state(State::Skipped);
    };
    let headers = needed_headers(config, route);
    let path = route.path.as_str();
    let request = request(config, route.method, path, &headers);
    let needs = || {
        if headers.is_empty() {
            return "a request without a preflight".to_owned();
        }
        ["headers ", &headers.join(", ")].concat()
    };
    match surroundings.preflight(request).await {
        Preflight::Allowed => Finding::ok(title, needs()),
        Preflight::Refused(missing) if missing.is_empty() => {
            let fix = format!(
                "Give {path} an OPTIONS method that allows this origin, {} and {}; cargo xtask doctor says which is missing.",
                route.method.as_str(),
                needs()
            );
            Finding::failed(
                title,
                "the host answers, but not to a page of this site",
                needs(),
                fix,
            )
        }
        Preflight::Refused(missing) => {
            let missing: Vec<String> = missing.iter().map(ToString::to_string).collect();
            let missing = missing.join(", ");
            let fix = format!(
                "Let the OPTIONS method of {path} answer 2xx, with Access-Control-Allow-Origin, -Methods and -Headers that allow \
                 {missing}. A path that the API does not have looks the same."
            );
            Finding::failed(title, ["missing: ", &missing].concat(), needs(), fix)
        }
        Preflight::NotSent => {
            let found = format!(
                "a page does not send a {} to find out",
                route.method.as_str()
            );
            let fix =
                "cargo xtask doctor checks it: in a terminal the preflight can be sent alone.";
            Finding::failed(title, found, "", fix).with_state(State::Skipped)
        }
        Preflight::Unreachable(error) => {
            let fix = "Correct api.base_url in config.json, and allow its host in connect-src.";
            Finding::failed(title, error, config.api.base_url.clone(), fix)
        }
    }
}

/// The answer to a request that the gateway refuses.
async fn refused(config: &Config, surroundings: &impl Surroundings) -> Option<HttpResponse> {
    let guarded = config
        .api
        .routes
        .iter()
        .find(|route| route.auth == RouteAuth::Iam);
    let route = guarded.or(config.api.routes.first())?;
    let headers = needed_headers(config, route);
    surroundings
        .send(request(config, Method::Get, &route.path, &headers))
        .await
        .ok()
}

/// Whether a page can read the answer of the gateway itself, and the headers that say why it refused.
pub(crate) async fn refusals(
    title: String,
    config: &Config,
    surroundings: &impl Surroundings,
) -> Finding {
    if config.api.routes.is_empty() {
        return Finding::ok(title, "no route is configured").with_state(State::Skipped);
    }
    let origin = surroundings.origin().to_owned();
    let cannot = |found: &str| {
        let fix = "Add gateway responses DEFAULT_4XX and DEFAULT_5XX with Access-Control-Allow-Origin to the API.";
        let expected = ["an answer that ", &*origin, " may read"].concat();
        Finding::failed(title.clone(), found, expected, fix)
    };
    let Some(answer) = refused(config, surroundings).await else {
        return cannot("a refusal looks like a network failure");
    };
    let allowed = answer.header("access-control-allow-origin");
    if allowed.is_some_and(|allowed| allowed != "*" && allowed != origin) {
        return cannot("a refusal is for another origin");
    }
    let hidden: Vec<&str> = ["x-amzn-errortype", "x-amzn-requestid", "date"]
        .into_iter()
        .filter(|name| !can_read(&answer, name))
        .collect();
    if hidden.is_empty() || answer.status < 400 {
        return Finding::ok(title, format!("status {} with its reason", answer.status));
    }
    let fix = format!(
        "Add Access-Control-Expose-Headers with {} to the gateway responses DEFAULT_4XX and DEFAULT_5XX.",
        hidden.join(", ")
    );
    let found = ["hidden: ", &hidden.join(", ")].concat();
    Finding::failed(title, found, "headers that say why", fix).with_state(State::Warning)
}

/// A browser leaves out the headers that are not exposed; in a terminal all are there, with the list of those.
fn can_read(answer: &HttpResponse, name: &str) -> bool {
    let exposed = answer.header("access-control-expose-headers").map(|list| {
        let mut names = list.split(',').map(str::trim);
        names.any(|known| known == "*" || known.eq_ignore_ascii_case(name))
    });
    answer.header(name).is_some() && exposed.unwrap_or(true)
}

/// Signature Version 4 allows five minutes of difference.
const LIMIT: u64 = 300;
/// From here on, a difference is worth a warning.
const NOTABLE: u64 = 60;

pub(crate) async fn clock(
    title: String,
    config: &Config,
    surroundings: &impl Surroundings,
) -> Finding {
    let answer = refused(config, surroundings).await;
    let now = surroundings.now();
    let server = answer
        .as_ref()
        .and_then(|answer| Timestamp::from_http_date(answer.header("date")?));
    let Some(server) = server else {
        let fix = "Add Date to Access-Control-Expose-Headers of the API: then the app corrects a wrong clock by itself.";
        return Finding::failed(
            title,
            "no answer says what time it is",
            "the header Date",
            fix,
        )
        .with_state(State::Skipped);
    };
    let seconds = server.seconds_from(now);
    let found = match seconds {
        0 => "correct".to_owned(),
        behind @ 1.. => format!("{behind} s behind"),
        ahead => format!("{} s ahead", -ahead),
    };
    match seconds.unsigned_abs() {
        0..NOTABLE => Finding::ok(title, found),
        wrong => {
            let fix = "Set the clock of this device. The app corrects the difference where an answer has the header Date.";
            let state = if wrong < LIMIT {
                State::Warning
            } else {
                State::Failed
            };
            Finding::failed(title, found, "less than five minutes of difference", fix)
                .with_state(state)
        }
    }
}
