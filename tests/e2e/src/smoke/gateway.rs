//! CORS of the API, as the browser asks for it from the origin of the site.

use anyhow::{Result, ensure};
use bytes::Bytes;
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD,
    HeaderName, ORIGIN,
};
use http::{Request, Response};
use http_body_util::Full;
use velvet_rope::config::{Config, Route, RouteAuth};

use super::{Report, Target};
use crate::http::TlsClient;

const PREFLIGHT: &str = "CORS preflight of each route";
const REFUSAL: &str = "CORS headers of a refusal";
/// The names of the checks.
pub(super) const CHECKS: &[&str] = &[PREFLIGHT, REFUSAL];

/// The headers of an answer that the page reads and that CORS hides unless they are exposed.
const READ_BY_THE_PAGE: [&str; 3] = ["x-amzn-requestid", "x-amzn-errortype", "date"];

/// Checks every configured route.
pub(super) async fn check(target: &Target, config: &Config, report: &mut Report) -> Result<()> {
    let api = Api {
        client: TlsClient::with_tls()?,
        origin: target.origin(),
        config,
    };
    report
        .run(PREFLIGHT, async {
            for route in &config.api.routes {
                api.preflight(route).await?;
            }
            Ok(format!("{} routes", config.api.routes.len()))
        })
        .await;
    let guarded = config
        .api
        .routes
        .iter()
        .find(|route| route.auth != RouteAuth::Open);
    let Some(guarded) = guarded else {
        report.skip(&[REFUSAL], "every route is open");
        return Ok(());
    };
    report.run(REFUSAL, api.refusal(guarded)).await;
    Ok(())
}

struct Api<'a> {
    client: TlsClient,
    origin: String,
    config: &'a Config,
}

impl Api<'_> {
    fn url(&self, route: &Route) -> String {
        [self.config.api.base_url.as_str(), &route.path].concat()
    }

    async fn preflight(&self, route: &Route) -> Result<()> {
        let needed = needed_headers(self.config, route);
        let request = Request::options(self.url(route))
            .header(ORIGIN, &self.origin)
            .header(ACCESS_CONTROL_REQUEST_METHOD, route.method.as_str())
            .header(ACCESS_CONTROL_REQUEST_HEADERS, needed.join(","))
            .body(Full::default())?;
        let response = self.client.send(request).await?;
        ensure!(
            response.status().is_success(),
            "the preflight of {} answered {}; expected 2xx",
            route.path,
            response.status()
        );
        self.allows_origin(&response, &route.path)?;
        let allowed = list(&response, &ACCESS_CONTROL_ALLOW_HEADERS);
        for name in needed {
            ensure!(
                allows(&allowed, name),
                "the preflight of {} does not allow the header {name}",
                route.path
            );
        }
        let methods = list(&response, &ACCESS_CONTROL_ALLOW_METHODS);
        let method = route.method.as_str();
        ensure!(
            ["GET", "HEAD", "POST"].contains(&method) || allows(&methods, method),
            "the preflight of {} does not allow {method}",
            route.path
        );
        Ok(())
    }

    /// A request without a signature or a token: the gateway itself answers.
    async fn refusal(&self, route: &Route) -> Result<String> {
        let request = Request::builder()
            .method(route.method.as_str())
            .uri(self.url(route))
            .header(ORIGIN, &self.origin)
            .body(Full::default())?;
        let response = self.client.send(request).await?;
        ensure!(
            [401, 403].contains(&response.status().as_u16()),
            "{} without authorization answered {}; expected 401 or 403",
            route.path,
            response.status()
        );
        self.allows_origin(&response, &route.path)?;
        let exposed = list(&response, &ACCESS_CONTROL_EXPOSE_HEADERS);
        for name in READ_BY_THE_PAGE {
            ensure!(
                allows(&exposed, name),
                "the refusal of {} does not expose {name}: the page cannot read it",
                route.path
            );
        }
        Ok(format!("{} {}", route.path, response.status()))
    }

    fn allows_origin(&self, response: &Response<Bytes>, path: &str) -> Result<()> {
        let allowed = list(response, &ACCESS_CONTROL_ALLOW_ORIGIN);
        let fits = allowed
            .iter()
            .any(|origin| origin == "*" || *origin == self.origin);
        ensure!(
            fits,
            "{path} allows the origin {}; expected {}. Deploy with --site-url {}",
            allowed.first().map_or("none", String::as_str),
            self.origin,
            self.origin
        );
        Ok(())
    }
}

/// The headers of a call that CORS asks about before it.
fn needed_headers(config: &Config, route: &Route) -> Vec<&'static str> {
    let mut needed = match route.auth {
        RouteAuth::Open => vec![],
        RouteAuth::Iam => vec!["authorization", "x-amz-date", "x-amz-security-token"],
        RouteAuth::Bearer => vec!["authorization"],
    };
    if config.api.key.is_some() {
        needed.push("x-api-key");
    }
    needed
}

fn list(response: &Response<Bytes>, name: &HeaderName) -> Vec<String> {
    response
        .headers()
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|item| item.trim().to_owned())
        .filter(|item| !item.is_empty())
        .collect()
}

fn allows(list: &[String], name: &str) -> bool {
    list.iter()
        .any(|item| item == "*" || item.eq_ignore_ascii_case(name))
}
