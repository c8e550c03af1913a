//! The rules in the words of Firebase Hosting.

use serde_json::{Value, json};

use crate::files::{ASK_EACH_TIME, COMPRESSED, FOR_EVER};
use crate::{Headers, INDEX, PAGE_ADDRESS};

/// What stands in the generated file for the files of a release that is not built yet.
pub const PLACEHOLDER_FILE: &str = "/{each file that is named after its content}";

/// The content of a `firebase.json` beside the folder `public`, which holds the files. `hashed` are the paths of those that
/// are named after their content. They are named one by one: by a pattern, a missing one would be missing for a year.
///
/// Of header rules that match, Firebase lets the last one win; rewrites count only where there is no file.
#[must_use]
pub fn firebase_json(headers: &Headers, hashed: &[&str]) -> Value {
    let pairs = headers.all();
    let mut everywhere: Vec<Value> = pairs.map(|(key, value)| header(key, value)).to_vec();
    everywhere.push(header("Cache-Control", ASK_EACH_TIME));
    let mut rules = vec![json!({ "source": "**", "headers": everywhere })];
    rules.extend(COMPRESSED.map(|extension| {
        let content_type = header(
            "Content-Type",
            crate::content_type(&format!(".{extension}")),
        );
        json!({ "source": format!("**/*.{extension}"), "headers": [content_type] })
    }));
    rules.extend(
        hashed
            .iter()
            .map(|path| json!({ "source": path, "headers": [header("Cache-Control", FOR_EVER)] })),
    );
    json!({
        "hosting": {
            "public": "public",
            // Firebase compresses by itself, and would serve the copies under their own names.
            "ignore": ["**/.*", "**/*.br", "**/*.gz"],
            "cleanUrls": false,
            "trailingSlash": false,
            "headers": rules,
            "rewrites": [{ "regex": PAGE_ADDRESS, "destination": INDEX }],
        },
    })
}

fn header(key: &str, value: &str) -> Value {
    json!({ "key": key, "value": value })
}
