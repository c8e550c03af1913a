use super::*;

#[test]
fn debug_of_a_request_shows_neither_header_values_nor_body() {
    let request = HttpRequest::new(Method::Post, "https://example.com/a")
        .header("Authorization", "Bearer abc")
        .body("refresh_token=def");
    let text = format!("{request:?}");
    assert!(text.contains("authorization"), "{text}");
    assert!(!text.contains("abc") && !text.contains("def"), "{text}");
}

#[test]
fn debug_of_an_answer_does_not_show_the_body() {
    let response = HttpResponse::new(200, vec![], "token");
    assert_eq!(format!("{response:?}"), "200 (5 bytes)");
}

#[test]
fn reads_the_name_of_an_aws_error() {
    for text in [
        "FooError",
        "FooError:http://internal.amazon.com/coral/com.amazon.coral.validate/",
        "aws.protocoltests.restjson#FooError",
        "aws.protocoltests.restjson#FooError:http://internal.amazon.com/coral/#x",
        " FooError ",
    ] {
        assert_eq!(aws_error_name(text), "FooError");
    }
    assert_eq!(aws_error_name(""), "");
}

#[test]
fn normalizes_scheme_host_and_port_and_nothing_else() {
    for (typed, sent) in [
        (
            "HTTPS://Api.Example.COM/Latest?A=B#C",
            "https://api.example.com/Latest?A=B#C",
        ),
        (
            "https://api.example.com:443/a:443",
            "https://api.example.com/a:443",
        ),
        ("https://api.example.com:443", "https://api.example.com"),
        ("http://Localhost:80/", "http://localhost/"),
        ("https://localhost:80/", "https://localhost:80/"),
        ("http://localhost:443/", "http://localhost:443/"),
        ("https://a:4430", "https://a:4430"),
        ("https://A?B", "https://a?B"),
        ("nonsense", "nonsense"),
    ] {
        assert_eq!(normalize_url(typed), sent);
        assert_eq!(normalize_url(sent), sent);
    }
}

#[test]
fn a_scheme_ends_at_the_first_colon_with_two_slashes() {
    for url in ["https://a://b", "a:b://c", "://", "ä://ö", "a:/b", "a:", ""] {
        assert_eq!(split_scheme(url), url.split_once("://"), "{url}");
    }
}

#[test]
fn names_the_host_of_an_address_and_nothing_more() {
    assert_eq!(
        host_of("https://a.example:8443/p?code=1#f"),
        "a.example:8443"
    );
    assert_eq!(host_of("http://localhost?x"), "localhost");
    assert_eq!(host_of("nonsense"), "nonsense");
}
