use std::collections::BTreeSet;

use super::*;
use velvet_rope::RouteAuth;
use velvet_rope_openapi::Limits;

const DOCUMENT: &str = "
openapi: 3.0.1
info: { title: Shop, version: '1' }
tags: [{ name: pets }, { name: orders }]
paths:
  /orders:
    get: { tags: [orders], summary: List the orders, security: [{ sigv4: [] }] }
  /pets/{id}:
    get: { tags: [pets], summary: Find a pet }
    trace: { tags: [pets] }
  /pets:
    x-amazon-apigateway-any-method: { tags: [pets], deprecated: true }
  /health:
    get: {}
components:
  securitySchemes:
    sigv4: { type: apiKey, name: Authorization, in: header, x-amazon-apigateway-authtype: awsSigv4 }
";

fn route(path: &str) -> Route {
    Route {
        name: "Orders".into(),
        method: Method::Get,
        path: path.into(),
        auth: RouteAuth::Iam,
    }
}

fn catalog(routes: &[Route]) -> Catalog {
    let document = Document::parse(DOCUMENT, Limits::default()).unwrap();
    Catalog::new(routes, Some(Arc::new(document)))
}

fn keys(catalog: &Catalog) -> Vec<&str> {
    catalog.entries.iter().map(|entry| &*entry.key).collect()
}

#[test]
fn operations_follow_the_routes_in_the_order_of_the_tags() {
    let catalog = catalog(&[route("/own?x=1")]);
    assert_eq!(
        keys(&catalog),
        [
            "GET /own?x=1",
            "GET /pets/{id}",
            "ANY /pets",
            "GET /orders",
            "GET /health"
        ]
    );
    assert_eq!(catalog.entries[2].methods.len(), 7);
    assert!(catalog.entries[2].is_deprecated);
    assert_eq!(catalog.entries[3].protection, Protection::Iam);
    assert_eq!(catalog.entries[4].tag, UNTAGGED);
}

#[test]
fn a_route_that_the_document_describes_is_listed_once_with_its_description() {
    let catalog = catalog(&[route("/orders")]);
    assert_eq!(keys(&catalog)[0], "GET /orders");
    assert_eq!(
        keys(&catalog)
            .iter()
            .filter(|key| **key == "GET /orders")
            .count(),
        1
    );
    let operation = catalog.operation(&catalog.entries[0]).unwrap();
    assert_eq!(operation.summary.as_deref(), Some("List the orders"));
    assert!(catalog.entry("GET /orders").is_some());
    assert!(catalog.entry("POST /orders").is_none());
}

#[test]
fn the_filter_keeps_groups_that_have_a_match_and_opens_them() {
    let catalog = catalog(&[]);
    let closed = BTreeSet::from(["pets".to_owned()]);
    let shown = |filter: &Filter| -> Vec<String> {
        let rows = rows(&catalog, filter, &closed).into_iter();
        rows.map(|row| match row {
            Row::Group {
                tag,
                count,
                is_open,
            } => format!("{tag} {count} {is_open}"),
            Row::Entry(at) => catalog.entries[at].key.clone(),
        })
        .collect()
    };
    let all = Filter::default();
    let other = format!("{UNTAGGED} 1 true");
    assert_eq!(
        shown(&all),
        [
            "pets 2 false",
            "orders 1 true",
            "GET /orders",
            &other,
            "GET /health"
        ]
    );
    let words = Filter {
        text: " PET  find".into(),
        ..Filter::default()
    };
    assert_eq!(shown(&words), ["pets 1 true", "GET /pets/{id}"]);
    let method = Filter {
        method: Some("POST".into()),
        ..Filter::default()
    };
    assert_eq!(shown(&method), ["pets 1 true", "ANY /pets"]);
    let protection = Filter {
        protection: Some(Protection::Iam),
        ..Filter::default()
    };
    assert_eq!(shown(&protection), ["orders 1 true", "GET /orders"]);
}
