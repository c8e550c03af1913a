//! The rules in the words of Firebase Hosting.

use serde_json::{Value, json};

use crate::files::{ASK_EACH_TIME, FOR_EVER};
use crate::{HASHED_FILE, Headers, INDEX, PAGE_ADDRESS};

/// The content of a `firebase.json` beside the folder `public`, which holds the files.
///
/// Of header rules that match, Firebase lets the last one win; rewrites count only where there is no file.
#[must_use]
pub fn firebase_json(headers: &Headers) -> Value {
    let pairs = headers.all();
    let mut everywhere: Vec<Value> = pairs
        .into_iter()
        .map(|(key, value)| header(key, value))
        .collect();
    everywhere.push(header("Cache-Control", ASK_EACH_TIME));
    json!({
        "hosting": {
            "public": "public",
            // Firebase compresses by itself, and would serve the copies under their own names.
            "ignore": ["**/.*", "**/*.br", "**/*.gz"],
            "cleanUrls": false,
            "trailingSlash": false,
            "headers": [
                { "source": "**", "headers": everywhere },
                { "regex": HASHED_FILE, "headers": [header("Cache-Control", FOR_EVER)] },
                { "source": "**/*.wasm", "headers": [header("Content-Type", crate::content_type(".wasm"))] },
            ],
            "rewrites": [{ "regex": PAGE_ADDRESS, "destination": INDEX }],
        },
    })
}

fn header(key: &str, value: &str) -> Value {
    json!({ "key": key, "value": value })
}
