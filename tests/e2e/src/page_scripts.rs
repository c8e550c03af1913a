//! Scripts of a test that run on each page of the site before the page's own, and the console as they see it, for browsers whose
//! driver has neither. The site's server adds them to the page.

use std::sync::{Arc, Mutex};

use crate::proxy::lock;

/// The path of the scripts. The page's policy allows scripts of the site.
pub(crate) const SCRIPTS: &str = "/scripts-of-the-test.js";
/// The path that takes messages of the console.
pub(crate) const MESSAGES: &str = "/messages-of-the-test";

/// Sends what the page writes to the console, and errors that nothing handles, to [`MESSAGES`]. The request is synchronous, so
/// that a message is there when the page goes on.
const CONSOLE: &str = "
    (() => {
        const send = (level, parts) => {
            try {
                const request = new XMLHttpRequest();
                request.open('POST', 'MESSAGES', false);
                request.send([level, location.href, ...parts.map(String)].join(' '));
            } catch {
                // Without a network there is no message.
            }
        };
        for (const level of ['debug', 'log', 'info', 'warn', 'error']) {
            const original = console[level];
            console[level] = (...parts) => {
                send(level, parts);
                original.apply(console, parts);
            };
        }
        addEventListener('error', event => {
            if (event.message) { send('error', ['Uncaught', event.message]); }
        });
        addEventListener('unhandledrejection', event => send('error', ['Uncaught (in promise)', event.reason]));
    })();";

/// The scripts and the messages of one test.
#[derive(Clone, Debug, Default)]
pub struct PageScripts(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    scripts: Vec<String>,
    messages: Vec<String>,
}

impl PageScripts {
    /// Adds a script to every later page.
    pub(crate) fn add(&self, script: &str) {
        lock(&self.0).scripts.push(script.to_owned());
    }

    /// The console messages so far.
    pub(crate) fn messages(&self) -> Vec<String> {
        lock(&self.0).messages.clone()
    }

    /// Takes a message of a page.
    pub(crate) fn note(&self, message: String) {
        lock(&self.0).messages.push(message);
    }

    /// All scripts as one.
    pub(crate) fn source(&self) -> String {
        let console = CONSOLE.replace("MESSAGES", MESSAGES);
        let state = lock(&self.0);
        let scripts = std::iter::once(&console).chain(&state.scripts);
        let scripts: Vec<&str> = scripts.map(String::as_str).collect();
        scripts.join("\n") + "\n"
    }

    /// A page that loads the scripts before everything else.
    pub(crate) fn add_to(page: &str) -> String {
        let tag = format!("<head><script src=\"{SCRIPTS}\"></script>");
        page.replacen("<head>", &tag, 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_loads_the_scripts_before_its_own() {
        let page = "<html><head><script src=\"app.js\"></script></head></html>";
        let expected = "<html><head><script src=\"/scripts-of-the-test.js\"></script><script src=\"app.js\"></script></head></html>";
        assert_eq!(PageScripts::add_to(page), expected);
    }

    #[test]
    fn scripts_run_in_the_order_in_which_they_were_added() {
        let scripts = PageScripts::default();
        scripts.add("first();");
        scripts.clone().add("second();");
        assert!(scripts.source().ends_with("first();\nsecond();\n"));
    }
}
