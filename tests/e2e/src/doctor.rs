//! The checks of `cargo xtask doctor`: those of the app's page, sent from a terminal as a page of the site would.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, anyhow, bail};
use bytes::Bytes;
use http::{Request, header::ORIGIN};
use http_body_util::Full;
use url::Url;
use velvet_rope::{
    Config, HttpRequest, HttpResponse, Method, Timestamp, TransportError, parse_config,
};
use velvet_rope_doctor::{Finding, Preflight, Surroundings, checks, missing_of_preflight};

use crate::http::{Client, TlsClient};

/// A terminal, on behalf of a site.
struct Terminal {
    origin: String,
    client: TlsClient,
}

/// Runs the checks for the site, with its own configuration or with `config`, and calls `report` with each finding. Whether
/// none of them failed.
///
/// # Errors
/// When the site has no configuration, or one with mistakes.
pub async fn examine(
    site: &Url,
    config: Option<String>,
    mut report: impl FnMut(&Finding),
) -> Result<bool> {
    let client = Client::with_tls()?;
    let text = match config {
        Some(text) => text,
        None => configuration_of(site, &client).await?,
    };
    let config = read(&text)?;
    let terminal = Terminal {
        origin: site.origin().ascii_serialization(),
        client,
    };
    let mut is_well = true;
    for check in checks(&config) {
        let finding = check.run(&config, &terminal).await;
        is_well &= finding.state != velvet_rope_doctor::State::Failed;
        report(&finding);
    }
    Ok(is_well)
}

async fn configuration_of(site: &Url, client: &TlsClient) -> Result<String> {
    let address = site.join("/config.json")?;
    let request = Request::get(address.as_str()).body(Full::default())?;
    let answer = client.send(request).await?;
    if !answer.status().is_success() {
        bail!("{address} answered {}", answer.status());
    }
    String::from_utf8(answer.into_body().into()).with_context(|| format!("{address} is not UTF-8"))
}

fn read(text: &str) -> Result<Config> {
    parse_config(text).map_err(|error| anyhow!("the configuration cannot be used: {error}"))
}

impl Terminal {
    async fn exchange(
        &self,
        request: Request<Full<Bytes>>,
        host: &str,
    ) -> Result<HttpResponse, TransportError> {
        let answer = self
            .client
            .send(request)
            .await
            .map_err(|_| TransportError::Unreachable {
                host: host.to_owned(),
            })?;
        let headers = answer.headers().iter().map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), value)
        });
        let headers = headers.collect();
        let mut response = HttpResponse::new(answer.status().as_u16(), headers, "");
        response.body = answer.into_body().to_vec().into();
        Ok(response)
    }

    fn build(&self, request: &HttpRequest, method: &str) -> Option<http::request::Builder> {
        let host = host_of(&request.url);
        (!host.is_empty()).then(|| {
            Request::builder()
                .method(method)
                .uri(&request.url)
                .header(ORIGIN, &self.origin)
        })
    }
}

fn host_of(url: &str) -> String {
    let host = Url::parse(url)
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned));
    host.unwrap_or_default()
}

impl Surroundings for Terminal {
    fn origin(&self) -> &str {
        &self.origin
    }

    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        Timestamp(since.map_or(0, |since| since.as_secs()))
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let host = host_of(&request.url);
        let refused = || TransportError::Refused { host: host.clone() };
        let builder = self
            .build(&request, request.method.as_str())
            .ok_or_else(refused)?;
        let builder = request
            .headers
            .iter()
            .fold(builder, |builder, (name, value)| {
                builder.header(name, value)
            });
        let body = Full::from(request.body.to_vec());
        let request = builder.body(body).map_err(|_| refused())?;
        self.exchange(request, &host).await
    }

    async fn preflight(&self, request: HttpRequest) -> Preflight {
        let names: Vec<&str> = request
            .headers
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        let is_simple = matches!(request.method, Method::Get | Method::Head | Method::Post);
        if names.is_empty() && is_simple {
            return Preflight::Allowed;
        }
        let host = host_of(&request.url);
        let unreachable = || Preflight::Unreachable(format!("{host} does not answer"));
        let Some(builder) = self.build(&request, "OPTIONS") else {
            return unreachable();
        };
        let builder = builder
            .header("access-control-request-method", request.method.as_str())
            .header("access-control-request-headers", names.join(","));
        let Ok(preflight) = builder.body(Full::default()) else {
            return unreachable();
        };
        match self.exchange(preflight, &host).await {
            Err(_) => unreachable(),
            Ok(answer) => {
                let missing = missing_of_preflight(&answer, &self.origin, request.method, &names);
                if missing.is_empty() {
                    Preflight::Allowed
                } else {
                    Preflight::Refused(missing)
                }
            }
        }
    }
}
