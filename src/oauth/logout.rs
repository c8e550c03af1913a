//! The logout endpoint of the hosted UI. It is Cognito's own: not OpenID Connect RP-initiated logout.

use super::encoding::form;
use crate::config::UserPool;

/// The address that ends the hosted UI's own session and comes back to `sign_out_path` on the site `origin`.
/// Source: Amazon Cognito Developer Guide, "The managed login sign-out endpoint".
#[must_use]
pub fn logout_url(user_pool: &UserPool, origin: &str) -> String {
    let logout_uri = format!("{origin}{}", user_pool.sign_out_path);
    let query = form(&[
        ("client_id", &user_pool.client_id),
        ("logout_uri", &logout_uri),
    ]);
    format!("{}/logout?{query}", user_pool.domain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::parse;

    #[test]
    fn names_the_client_and_the_way_back() {
        let config = parse(include_str!("../../public/config.example.json")).unwrap();
        assert_eq!(
            logout_url(&config.user_pool, "https://app.example.com"),
            "https://your-prefix.auth.eu-west-1.amazoncognito.com/logout?client_id=1example23456789abcdefghij\
             &logout_uri=https%3A%2F%2Fapp.example.com%2Fsignedout"
        );
    }
}
