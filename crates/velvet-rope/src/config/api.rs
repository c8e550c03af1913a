//! Reading the API and its routes.
//!
//! A route with a wrong value is left out and its mistakes are reported, so that the following routes are checked too.

use super::check::REGION;
use super::json::Json;
use super::reader::Reader;
use super::{Api, Route, RouteAuth, check};
use crate::http::{Method, split_scheme};

/// Expected under `api.routes`.
const ROUTES: &str = "a list of routes, each with name, method, path and auth";
/// Expected where a path is sent as it is written.
const WIRE_PATH: &str =
    "a path starting with one \"/\", percent-encoded, without //, . or .. segments";

/// Expected where an API description is.
const DOCUMENT: &str = "a path of this site, like \"/openapi.json\", or an address of https";

/// The section `api`; `region` is that of the whole.
pub(super) fn read_api<J: Json>(top: &Reader<'_, J>, region: &str) -> Option<Api> {
    let section = top.section(
        "api",
        &[
            "base_url",
            "key",
            "region",
            "service",
            "routes",
            "record_path",
            "openapi",
        ],
    );
    let expected = "the address of the API's stage, like \"https://a1b2.execute-api.eu-west-1.amazonaws.com/latest\"";
    let base_url = section.required("base_url", expected, &check::address);
    let key = section.optional(
        "key",
        "the value of an API key, 20 to 128 characters",
        &|text| check::word(text).filter(|key| (20..=128).contains(&key.len())),
    );
    let api_region = section.optional("region", REGION, &check::region);
    let service = section.optional(
        "service",
        "the service to sign for, usually \"execute-api\"",
        &check::word,
    );
    let record_path = section.optional("record_path", WIRE_PATH, &check::wire_path);
    let openapi = section.optional("openapi", DOCUMENT, &|text| match text.strip_prefix('/') {
        Some(_) => check::wire_path(text),
        None if split_scheme(text).is_some() => check::address(text),
        None => None,
    });
    let known = ["name", "method", "path", "auth"];
    let mut routes: Vec<Route> = Vec::new();
    for item in section.list("routes", ROUTES, &known) {
        let Some(route) = read_route(&item) else {
            continue;
        };
        if routes.iter().any(|other| other.name == route.name) {
            item.report("name", "a name that no other route has");
        }
        routes.push(route);
    }
    Some(Api {
        base_url: base_url?,
        key,
        region: api_region.unwrap_or_else(|| region.to_owned()),
        service: service.unwrap_or_else(|| "execute-api".to_owned()),
        routes,
        record: record_path.map(record_route),
        openapi,
    })
}

/// The route of `api.record_path`. It is always signed, because the API finds the record by the caller's identity.
fn record_route(path: String) -> Route {
    Route {
        name: "Your record".to_owned(),
        method: Method::Get,
        path,
        auth: RouteAuth::Iam,
    }
}

/// One item of `api.routes`. Each of its keys is read, also after the first mistake.
fn read_route<J: Json>(item: &Reader<'_, J>) -> Option<Route> {
    let name = item.required("name", "a name to show, on one line", &check::name);
    let method = item.required(
        "method",
        "one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
        &method,
    );
    let path = item.required("path", WIRE_PATH, &check::wire_path);
    let auth = item.required(
        "auth",
        "\"open\" (API key only), \"iam\" (signed) or \"bearer\" (access token)",
        &route_auth,
    );
    Some(Route {
        name: name?,
        method: method?,
        path: path?,
        auth: auth?,
    })
}

/// Methods are case-sensitive (RFC 9110, section 9.1), so `get` is a mistake.
fn method(text: &str) -> Option<Method> {
    Method::ALL
        .into_iter()
        .find(|method| method.as_str() == text)
}

/// The values of `api.routes[].auth`.
fn route_auth(text: &str) -> Option<RouteAuth> {
    match text {
        "open" => Some(RouteAuth::Open),
        "iam" => Some(RouteAuth::Iam),
        "bearer" => Some(RouteAuth::Bearer),
        _ => None,
    }
}
