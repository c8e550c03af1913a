//! Settings of the provider. Times are in seconds; the defaults are in `identity-server.mjs`.

use serde_json::{Map, Value, json};

/// The only public client of the provider.
pub const CLIENT_ID: &str = "velvet-rope";

/// The default redirect paths of the site, and one path that the application does not handle.
const SIGN_IN_PATHS: [&str; 2] = ["/authenticated", "/probe"];
const SIGN_OUT_PATHS: [&str; 2] = ["/signedout", "/probe"];

/// Settings of a provider.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// By their names in the script.
    named: Map<String, Value>,
    paths: Vec<String>,
}

impl Settings {
    /// The lifetime of ID tokens.
    #[must_use]
    pub fn id_token_lifetime(self, seconds: u32) -> Self {
        self.with("id_token_lifetime", json!(seconds))
    }

    /// The lifetime of access tokens, which is `expires_in`.
    #[must_use]
    pub fn access_token_lifetime(self, seconds: u32) -> Self {
        self.with("access_token_lifetime", json!(seconds))
    }

    /// The lifetime of each refresh token, from its issue.
    #[must_use]
    pub fn refresh_token_lifetime(self, seconds: u32) -> Self {
        self.with("refresh_token_lifetime", json!(seconds))
    }

    /// The lifetime of sessions at the provider.
    #[must_use]
    pub fn session_lifetime(self, seconds: u32) -> Self {
        self.with("session_lifetime", json!(seconds))
    }

    /// Whether the provider issues refresh tokens.
    #[must_use]
    pub fn refresh_tokens(self, are_issued: bool) -> Self {
        self.with("issue_refresh_tokens", json!(are_issued))
    }

    /// Whether each refresh spends the refresh token. If so, a reused one revokes all tokens of the same
    /// sign-in (RFC 9700, section 4.14.2).
    #[must_use]
    pub fn rotation(self, is_on: bool) -> Self {
        self.with("rotate_refresh_tokens", json!(is_on))
    }

    /// Whether the provider asks for confirmation before sign-out.
    #[must_use]
    pub fn confirm_sign_out(self, is_asked: bool) -> Self {
        self.with("confirm_sign_out", json!(is_asked))
    }

    /// ID tokens say this about channel.
    #[must_use]
    pub fn claim(mut self, name: &str, value: Value) -> Self {
        let claims = self.named.entry("claims").or_insert_with(|| json!({}));
        claims[name] = value;
        self
    }

    /// One more path of the site that the provider may send users to, after signing in and after signing out.
    #[must_use]
    pub fn path(mut self, path: &str) -> Self {
        self.paths.push(path.to_owned());
        self
    }

    /// The provider is of another site than the page (`127.0.0.1`, not `localhost`), so that its cookies are those
    /// of a third party.
    #[must_use]
    pub fn on_another_site(self) -> Self {
        self.with("host", json!("127.0.0.1"))
    }

    /// The provider is at this port.
    #[must_use]
    pub fn at_port(self, port: u16) -> Self {
        self.with("port", json!(port))
    }

    /// Access tokens are JSON Web Tokens that say this in `aud`, whatever is asked for.
    #[must_use]
    pub fn audience(self, audience: &str) -> Self {
        self.with("audience", json!(audience))
    }

    /// There is a second client, which knows a secret and comes back to this address: a user pool.
    #[must_use]
    pub fn federation(self, client_id: &str, client_secret: &str, redirect_uri: &str) -> Self {
        let client = json!({ "client_id": client_id, "client_secret": client_secret, "redirect_uri": redirect_uri });
        self.with("federation", client)
    }

    pub(super) fn host(&self) -> &str {
        self.named
            .get("host")
            .and_then(Value::as_str)
            .unwrap_or("localhost")
    }

    pub(super) fn port(&self) -> Option<u16> {
        let port = self.named.get("port")?.as_u64()?;
        u16::try_from(port).ok()
    }

    /// All settings as JSON, for a site at this address.
    pub(super) fn for_site(&self, site: &str) -> Value {
        let addresses = |usual: &[&str]| -> Value {
            let more = self.paths.iter().map(String::as_str);
            let paths = usual.iter().copied().chain(more);
            paths.map(|path| format!("{site}{path}")).collect()
        };
        let Value::Object(mut named) = self.changes() else {
            return Value::Null;
        };
        named.insert("client_id".to_owned(), json!(CLIENT_ID));
        named.insert("redirect_uris".to_owned(), addresses(&SIGN_IN_PATHS));
        named.insert(
            "post_logout_redirect_uris".to_owned(),
            addresses(&SIGN_OUT_PATHS),
        );
        Value::Object(named)
    }

    /// The settings that can change while the provider runs, as JSON.
    pub(super) fn changes(&self) -> Value {
        let mut named = self.named.clone();
        named.remove("host");
        named.remove("port");
        Value::Object(named)
    }

    fn with(mut self, name: &str, value: Value) -> Self {
        self.named.insert(name.to_owned(), value);
        self
    }
}
