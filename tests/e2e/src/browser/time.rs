//! The clock as pages see it.

use anyhow::Result;
use serde_json::json;

use super::Browser;

/// Moves the clock of a page by [`OFFSET`]. Timers are not affected, as when a user changes the system clock.
const CLOCK: &str = "
    (offset => {
        // A script of the driver may have globals of its own; the page is `window`.
        const page = window;
        const key = Symbol.for('the clock of the tests');
        const clock = page[key] ??= { offset: 0, real: page.Date };
        if (page.Date === clock.real) {
            const now = () => clock.real.now() + clock.offset;
            page.Date = new Proxy(clock.real, {
                construct: (real, given, type) => Reflect.construct(real, given.length ? given : [now()], type),
                apply: real => new real(now()).toString(),
                get: (real, name, self) => name === 'now' ? now : Reflect.get(real, name, self),
            });
        }
        clock.offset = offset;
    })(OFFSET);";
const OFFSET: &str = "OFFSET";

impl Browser {
    /// Sets the clock of the current tab this many seconds behind (negative) or ahead of the real time, for the
    /// current page and all later ones. Other tabs are not affected, in Chromium; elsewhere their later pages are.
    ///
    /// # Errors
    /// When the WebDriver command fails.
    pub async fn set_clock(&self, seconds: i64) -> Result<()> {
        let script = CLOCK.replace(OFFSET, &json!(seconds * 1000).to_string());
        self.add_init_script(&script).await?;
        self.evaluate(&script, Vec::new()).await?;
        Ok(())
    }
}
