//! The paths of the pages.

use velvet_rope::Config;

/// The path of the session page.
pub(crate) const SESSION_PATH: &str = "/session";

/// The path of the page of the API-managed account.
pub(crate) const ACCOUNT_PATH: &str = "/account";

/// The path of the API console.
pub(crate) const CONSOLE_PATH: &str = "/console";

/// The path of the page that checks the setup.
pub(crate) const DOCTOR_PATH: &str = "/doctor";

/// The pages of the app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Page {
    Home,
    Callback,
    SignedOut,
    Session,
    Account,
    Console,
    Doctor,
    NotFound,
}

impl Page {
    /// The page of a path. Two of the paths are in the configuration, so they cannot be route patterns.
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
        } else if path == CONSOLE_PATH {
            Self::Console
        } else if path == DOCTOR_PATH {
            Self::Doctor
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
    fn every_path_has_a_page() {
        let config = config("");
        for (path, expected) in [
            ("/", Page::Home),
            ("/authenticated", Page::Callback),
            ("/authenticated/", Page::Callback),
            ("/signedout", Page::SignedOut),
            ("/session", Page::Session),
            ("/session/", Page::Session),
            ("/console", Page::Console),
            ("/doctor", Page::Doctor),
            ("/account", Page::NotFound),
            ("/Signedout", Page::NotFound),
            ("/anything/else", Page::NotFound),
        ] {
            assert_eq!(Page::of_path(path, &config), expected, "{path}");
        }
    }

    #[test]
    fn the_account_page_exists_only_with_accounts() {
        let config = config(r#""accounts": {}, "#);
        assert_eq!(Page::of_path("/account/", &config), Page::Account);
    }
}
