//! The files of the site: configuration, headers, caching, compression, fallback.

use anyhow::{Context as _, Result, bail, ensure};
use bytes::Bytes;
use hosting_rules::{CONFIG, Destinations, Headers, INDEX, Page, cache_control, content_type};
use http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE};
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use velvet_rope::config::{Config, ConfigError, parse};

use super::{Report, Target};
use crate::http::TlsClient;

/// A path that no file has, and that a page may have.
const UNKNOWN_PAGE: &str = "/velvet-rope-smoke";
/// A path that looks like a file and is none.
const MISSING_FILE: &str = "/velvet-rope-smoke.js";

/// Checks the files. `None` when the page could not work with the configuration.
pub(super) async fn check(target: &Target, report: &mut Report) -> Result<Option<Config>> {
    let site = Files {
        client: TlsClient::with_tls()?,
        target,
    };
    let mut config = None;
    report
        .run("config.json", async {
            let text = site.text(CONFIG).await?;
            config = Some((usable(&text)?, text));
            Ok(String::new())
        })
        .await;
    let mut index = String::new();
    report
        .run("index.html", async {
            index = site.text(INDEX).await?;
            Ok(String::new())
        })
        .await;
    if let Some((_, text)) = &config {
        report
            .run("security headers", site.security_headers(&index, text))
            .await;
    }
    let module = module_of(&index);
    report
        .run("caching and compression of the module", async {
            site.module(
                module
                    .as_deref()
                    .context("index.html names no .wasm file")?,
            )
            .await
        })
        .await;
    report
        .run("an unknown page address answers index.html", async {
            let response = site.get(UNKNOWN_PAGE, None).await?;
            ensure!(
                response.status() == StatusCode::OK && response.body() == index.as_bytes(),
                "{UNKNOWN_PAGE} answered {}; expected 200 with index.html",
                response.status()
            );
            Ok(String::new())
        })
        .await;
    report
        .run("a missing file answers 404", async {
            let status = site.get(MISSING_FILE, None).await?.status();
            ensure!(
                status == StatusCode::NOT_FOUND,
                "{MISSING_FILE} answered {status}; expected 404"
            );
            Ok(String::new())
        })
        .await;
    Ok(config.map(|(config, _)| config))
}

struct Files<'a> {
    client: TlsClient,
    target: &'a Target,
}

impl Files<'_> {
    async fn get(&self, path: &str, encoding: Option<&str>) -> Result<Response<Bytes>> {
        let mut request = Request::get(self.target.url(path));
        if let Some(encoding) = encoding {
            request = request.header(ACCEPT_ENCODING, encoding);
        }
        self.client.send(request.body(Full::default())?).await
    }

    async fn text(&self, file: &str) -> Result<String> {
        let response = self.get(file, None).await?;
        ensure!(
            response.status() == StatusCode::OK,
            "{file} answered {}; expected 200",
            response.status()
        );
        String::from_utf8(response.into_body().to_vec())
            .with_context(|| format!("{file} is not UTF-8"))
    }

    /// The headers that this page needs with this configuration, all of them, on a page and on a file that is missing.
    async fn security_headers(&self, index: &str, config: &str) -> Result<String> {
        let mut destinations = Destinations::of(config)?;
        if let Some(address) = destinations.discovery_address() {
            let request = Request::get(address).body(Full::default())?;
            let response = self.client.send(request).await?;
            let body = String::from_utf8_lossy(response.body()).into_owned();
            destinations.add_discovered(response.status().as_u16(), &body)?;
        }
        let expected = Headers::new(&Page::read(index)?, &destinations);
        for path in ["/", MISSING_FILE] {
            let response = self.get(path, None).await?;
            let different: Vec<String> = expected
                .all()
                .into_iter()
                .filter_map(|(name, value)| {
                    let found = header(&response, name);
                    let differs = found != Some(value);
                    differs.then(|| {
                        let found = found.unwrap_or("no such header");
                        format!("{name} of {path} is {found}; expected {value}")
                    })
                })
                .collect();
            ensure!(different.is_empty(), "{}", different.join("\n"));
        }
        Ok(String::new())
    }

    async fn module(&self, path: &str) -> Result<String> {
        let response = self.get(path, Some("br")).await?;
        ensure!(
            response.status() == StatusCode::OK,
            "{path} answered {}; expected 200",
            response.status()
        );
        let expected = [
            (CONTENT_TYPE, content_type(path)),
            (CACHE_CONTROL, cache_control(path)),
            (CONTENT_ENCODING, "br"),
        ];
        for (name, value) in expected {
            let found = header(&response, name.as_str()).unwrap_or("no such header");
            ensure!(
                found == value,
                "{name} of {path} is {found}; expected {value}"
            );
        }
        Ok(format!("{} bytes with brotli", response.body().len()))
    }
}

/// The configuration, or every mistake in it.
fn usable(text: &str) -> Result<Config> {
    match parse(text) {
        Ok(config) => Ok(config),
        Err(ConfigError::Mistakes(mistakes)) => {
            let lines: Vec<String> = mistakes
                .iter()
                .map(|mistake| format!("{}: expected {}", mistake.key, mistake.expected))
                .collect();
            bail!("{}", lines.join("\n"))
        }
        Err(error) => Err(error.into()),
    }
}

fn header<'a>(response: &'a Response<Bytes>, name: &str) -> Option<&'a str> {
    response.headers().get(name)?.to_str().ok()
}

/// The path of the app's module, as the page names it.
fn module_of(index: &str) -> Option<String> {
    let end = index.find(".wasm")? + ".wasm".len();
    let start = index[..end].rfind(['"', '\''])? + 1;
    let path = index[start..end].trim_start_matches(['.', '/']);
    Some(["/", path].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_module_that_the_page_names() {
        let page = r#"<link rel="preload" href="/velvet-rope-7a43_bg.wasm" as="fetch">"#;
        assert_eq!(
            module_of(page).as_deref(),
            Some("/velvet-rope-7a43_bg.wasm")
        );
        let page = "init({ module_or_path: './a.wasm' })";
        assert_eq!(module_of(page).as_deref(), Some("/a.wasm"));
        assert_eq!(module_of("<p>no module</p>"), None);
    }

    #[test]
    fn a_configuration_that_the_page_refuses_is_reported_by_key() {
        let error = usable(r#"{ "region": "nowhere" }"#)
            .unwrap_err()
            .to_string();
        assert!(error.contains("region: expected"), "{error}");
        assert!(error.contains("api"), "{error}");
    }
}
