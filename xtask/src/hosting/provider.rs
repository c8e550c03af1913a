//! Asking an OpenID provider where its endpoints are, as the page does.

use anyhow::{Context as _, Result};
use hosting_rules::Destinations;

use crate::support::http_probe;

/// Adds to `destinations` the hosts that the discovery document at `address` names.
///
/// # Errors
/// When there is no document, or the page could not use it.
pub(crate) async fn discover(address: &str, destinations: &mut Destinations) -> Result<()> {
    let (status, body) = http_probe::get_with_tls(address).await.with_context(|| {
        format!("the provider did not return its discovery document ({address})")
    })?;
    Ok(destinations.add_discovered(status.as_u16(), &body)?)
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpListener,
    };

    use super::*;

    /// A provider that answers once, with `status` and a document that names tokens on another host.
    async fn provider(status: &'static str) -> (String, Destinations) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port());
        let document = serde_json::json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": "https://tokens.example.com/token",
            "jwks_uri": format!("{issuer}/jwks"),
        });
        let config = serde_json::json!({
            "region": "eu-west-1",
            "oidc": { "issuer": issuer, "client_id": "c" },
            "api": { "base_url": "https://api.example.com", "routes": [] },
        });
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = stream.read(&mut [0; 4096]).await.unwrap();
            let body = document.to_string();
            let answer = format!(
                "HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            );
            stream.write_all(answer.as_bytes()).await.unwrap();
        });
        (issuer, Destinations::of(&config.to_string()).unwrap())
    }

    #[tokio::test]
    async fn the_hosts_that_a_provider_names_are_among_the_destinations() {
        let (issuer, mut destinations) = provider("200 OK").await;
        let address = destinations.discovery_address().unwrap();
        discover(&address, &mut destinations).await.unwrap();
        let origins: Vec<&str> = destinations.origins().collect();
        assert_eq!(
            origins,
            [
                &issuer,
                "https://api.example.com",
                "https://tokens.example.com"
            ]
        );
    }

    #[tokio::test]
    async fn a_provider_that_does_not_answer_stops_the_publication() {
        let (_, mut destinations) = provider("503 Service Unavailable").await;
        let address = destinations.discovery_address().unwrap();
        let failure = discover(&address, &mut destinations).await.unwrap_err();
        assert!(failure.to_string().contains("status 503"), "{failure}");
    }
}
