//! What a first visit loads, and that the page stands still while the app takes over from the frame in `index.html`.

use anyhow::ensure;
use serde_json::Value;
use velvet_rope_e2e::browser::Capability;
use velvet_rope_e2e::fixture::{Setup, TestResult, browser_test};
use velvet_rope_e2e::test_name;

/// Sums the layout shifts, and notes whether the frame was on the page before the app.
const OBSERVE: &str = "
    window.shifts = 0;
    window.order = [];
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) { window.shifts += entry.value; }
    }).observe({ type: 'layout-shift', buffered: true });
    new MutationObserver(() => {
        const isShown = (name) => document.querySelector(name)?.checkVisibility();
        const now = [isShown('#boot h1') && 'frame', isShown('#main h1') && 'app'];
        window.order.push(now.filter(Boolean).join(' and '));
    }).observe(document, { childList: true, subtree: true });";

#[test]
fn a_first_visit_asks_for_each_file_once_and_nothing_moves() -> TestResult {
    browser_test(
        test_name!(),
        Setup::default().needs(Capability::LayoutShifts),
        async |fixture| {
            fixture.browser.add_init_script(OBSERVE).await?;
            for width in [1280, 390] {
                let before = fixture.site.count("/config.json");
                fixture.browser.set_viewport_width(width).await?;
                fixture.open("/").await?;
                fixture.header().wait_for_guest().await?;
                fixture.home().wait_for_guest().await?;
                let loads = fixture.site.count("/config.json") - before;
                ensure!(loads == 1, "config.json was requested {loads} times");
                let seen = fixture
                    .browser
                    .evaluate("return [window.shifts, window.order]", vec![])
                    .await?;
                ensure!(seen[0].as_f64() == Some(0.0), "the page moved: {seen}");
                let order = seen[1].as_array().cloned().unwrap_or_default();
                ensure!(
                    order.contains(&Value::from("frame"))
                        && order.last() == Some(&Value::from("app")),
                    "not the frame and then the app: {seen}"
                );
                ensure!(
                    !order.contains(&Value::from("frame and app")),
                    "frame and app at once: {seen}"
                );
            }
            for icon in ["/favicon.svg", "/favicon.ico"] {
                ensure!(fixture.site.count(icon) == 0, "{icon} was requested");
            }
            let console = fixture.browser.console().await?;
            ensure!(console.is_empty(), "the console says {console:?}");
            Ok(())
        },
    )
}
