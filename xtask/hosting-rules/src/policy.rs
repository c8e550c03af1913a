//! The headers that every answer carries.

use crate::{Destinations, Page};

/// The name of the header that depends on page and configuration.
pub const CONTENT_SECURITY_POLICY: &str = "Content-Security-Policy";

/// For how long browsers are to remember that the site speaks https only: two years, in seconds (RFC 6797).
pub const HSTS_SECONDS: u32 = 63_072_000;

/// Powers that the page does not use and a script in it should not get either. Passkeys are the sign-in page's, which
/// is a site of its own.
const DENIED_FEATURES: [&str; 20] = [
    "accelerometer",
    "autoplay",
    "camera",
    "display-capture",
    "encrypted-media",
    "fullscreen",
    "geolocation",
    "gyroscope",
    "hid",
    "idle-detection",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "publickey-credentials-create",
    "publickey-credentials-get",
    "screen-wake-lock",
    "serial",
    "usb",
    "xr-spatial-tracking",
];

/// The headers of every answer of a site, whatever it answers with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Headers {
    /// `Content-Security-Policy` (CSP level 3).
    pub content_security_policy: String,
    /// `Strict-Transport-Security` (RFC 6797). Of subdomains the site knows nothing, so it does not speak for them.
    pub strict_transport_security: String,
    /// `X-Content-Type-Options` (Fetch, section 3.6).
    pub content_type_options: &'static str,
    /// `Referrer-Policy`. The browsers' own default would send the callback's address, with the code in it, along with the
    /// requests for the page's files, and so into the host's logs.
    pub referrer_policy: &'static str,
    /// `Permissions-Policy`.
    pub permissions_policy: String,
    /// `Cross-Origin-Opener-Policy` (HTML, section 7.1.3).
    pub cross_origin_opener_policy: &'static str,
    /// `Cross-Origin-Resource-Policy` (Fetch, section 3.7).
    pub cross_origin_resource_policy: &'static str,
}

impl Headers {
    /// The headers of the site that consists of `page` and talks to `destinations`.
    #[must_use]
    pub fn new(page: &Page, destinations: &Destinations) -> Self {
        Self {
            content_security_policy: content_security_policy(page, destinations),
            strict_transport_security: format!("max-age={HSTS_SECONDS}"),
            content_type_options: "nosniff",
            referrer_policy: "no-referrer",
            permissions_policy: DENIED_FEATURES
                .map(|feature| format!("{feature}=()"))
                .join(", "),
            cross_origin_opener_policy: "same-origin",
            cross_origin_resource_policy: "same-origin",
        }
    }

    /// Names and values. None of them contains a line break.
    #[must_use]
    pub fn all(&self) -> [(&'static str, &str); 7] {
        [
            (CONTENT_SECURITY_POLICY, &self.content_security_policy),
            ("Strict-Transport-Security", &self.strict_transport_security),
            ("X-Content-Type-Options", self.content_type_options),
            ("Referrer-Policy", self.referrer_policy),
            ("Permissions-Policy", &self.permissions_policy),
            (
                "Cross-Origin-Opener-Policy",
                self.cross_origin_opener_policy,
            ),
            (
                "Cross-Origin-Resource-Policy",
                self.cross_origin_resource_policy,
            ),
        ]
    }
}

fn content_security_policy(page: &Page, destinations: &Destinations) -> String {
    let mut connect = vec!["connect-src 'self'"];
    connect.extend(destinations.origins());
    let mut script = vec!["script-src 'self' 'wasm-unsafe-eval'"];
    script.extend(page.script_sources.iter().map(String::as_str));
    let mut style = vec!["style-src 'self'"];
    style.extend(page.style_sources.iter().map(String::as_str));
    let mut directives = vec![
        // Whatever is not named below: frames, fonts, media, workers, plug-ins.
        "default-src 'none'".to_owned(),
        script.join(" "),
        connect.join(" "),
        style.join(" "),
        // `blob:`: the API console shows images that the API answers.
        "img-src 'self' data: blob:".to_owned(),
        // Installed as an app, the page has its name and its icons from there.
        "manifest-src 'self'".to_owned(),
        "base-uri 'none'".to_owned(),
        // Signing in leaves the page by its address; the page has no form that goes anywhere.
        "form-action 'none'".to_owned(),
        "frame-ancestors 'none'".to_owned(),
    ];
    // A local cloud speaks http.
    if destinations
        .origins()
        .all(|origin| origin.starts_with("https://"))
    {
        directives.push("upgrade-insecure-requests".to_owned());
    }
    directives.join("; ")
}
