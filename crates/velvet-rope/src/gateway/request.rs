//! The request for a route, before anything is signed.

use crate::config::{Api, Route};
use crate::http::HttpRequest;

/// The request for `route`, with the API key if one is configured. The caller adds the signature or the bearer token
/// that the route requires.
#[must_use]
pub fn route_request(api: &Api, route: &Route) -> HttpRequest {
    let request = HttpRequest::new(route.method, format!("{}{}", api.base_url, route.path));
    match &api.key {
        Some(key) => request.header("x-api-key", key),
        None => request,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::parse;

    #[test]
    fn puts_the_path_below_the_stage_and_sends_the_key() {
        let mut api = parse(crate::config::EXAMPLE).unwrap().api;
        let request = route_request(&api, &api.routes[0]);
        assert_eq!(
            request.url,
            "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/latest/no-auth"
        );
        assert_eq!(
            request.headers,
            [(
                "x-api-key".to_owned(),
                "your-api-gateway-key-value".to_owned()
            )]
        );
        api.key = None;
        assert_eq!(route_request(&api, &api.routes[0]).headers, []);
    }
}
