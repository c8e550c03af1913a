//! The addresses of the pages.

use velvet_rope::Config;

/// Where the page about the session is.
pub(crate) const SESSION_PATH: &str = "/session";

/// Where the page about an account of the API's own is.
pub(crate) const ACCOUNT_PATH: &str = "/account";

/// The pages that an address can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Page {
    Home,
    Callback,
    SignedOut,
    Session,
    Account,
    NotFound,
}

impl Page {
    /// Two of the paths are named by the configuration, so they cannot be patterns fixed at build time.
    pub(crate) fn of_path(path: &str, config: &Config) -> Self {
        let provider = &config.provider;
        let path = path.trim_end_matches('/');
        if path.is_empty() {
            Self::Home
        } else if path == provider.sign_in_path {
            Self::Callback
        } else if path == provider.sign_out_path {
            Self::SignedOut
        } else if path == SESSION_PATH {
            Self::Session
        } else if path == ACCOUNT_PATH && config.accounts.is_some() {
            Self::Account
        } else {
            Self::NotFound
        }
    }
}

#[cfg(test)]
mod tests {
    use velvet_rope::parse_config;

    use super::*;

    fn config(accounts: &str) -> Config {
        let example = include_str!("../public/config.example.json");
        parse_config(&example.replacen('{', &["{", accounts].concat(), 1)).unwrap()
    }

    #[test]
    fn every_address_shows_a_page() {
        let config = config("");
        for (path, expected) in [
            ("/", Page::Home),
            ("/authenticated", Page::Callback),
            ("/authenticated/", Page::Callback),
            ("/signedout", Page::SignedOut),
            ("/session", Page::Session),
            ("/session/", Page::Session),
            ("/account", Page::NotFound),
            ("/Signedout", Page::NotFound),
            ("/anything/else", Page::NotFound),
        ] {
            assert_eq!(Page::of_path(path, &config), expected, "{path}");
        }
    }

    #[test]
    fn accounts_have_a_page_only_where_there_are_any() {
        let config = config(r#""accounts": {}, "#);
        assert_eq!(Page::of_path("/account/", &config), Page::Account);
    }
}
