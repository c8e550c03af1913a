//! Paths as a request has them.

use crate::console::percent::encode;

/// The names of the parameters of a path, with the `+` of one that stands for several segments.
pub(in crate::console) fn parameters(path: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = path.split('?').next().unwrap_or_default();
    while let Some((_, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else {
            break;
        };
        names.push(name.to_owned());
        rest = after;
    }
    names
}

/// The path with the parameters for several segments filled in, such as `{proxy+}`: their slashes stay, each segment is
/// percent-encoded. The other parameters are left to the library.
pub(in crate::console) fn fill_greedy(path: &str, values: &[(String, String)]) -> String {
    let mut filled = path.to_owned();
    for (name, value) in values {
        if name.ends_with('+') {
            let place = ["{", name, "}"].concat();
            let segments: Vec<String> = value.split('/').map(encode).collect();
            filled = filled.replace(&place, segments.join("/").trim_start_matches('/'));
        }
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_greedy_parameter_keeps_its_slashes() {
        assert_eq!(parameters("/a/{id}/{proxy+}?x={y}"), ["id", "proxy+"]);
        assert_eq!(parameters("/a/{id"), [""; 0]);
        let values = [
            ("id".to_owned(), "x".to_owned()),
            ("proxy+".to_owned(), "/b c/ü/d".to_owned()),
        ];
        let filled = fill_greedy("/a/{id}/{proxy+}", &values);
        assert_eq!(filled, "/a/{id}/b%20c/%C3%BC/d");
    }
}
