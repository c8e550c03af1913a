//! The page.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::place;
use super::probe::ThisPage;
use crate::browser::page;
use crate::components::copy::copy_button;
use velvet_rope::browser::origin;
use velvet_rope::{Auth, use_auth};
use velvet_rope_doctor::{Finding, State, checks, report};

/// The signals of the page.
#[derive(Clone, Copy)]
struct Examination {
    auth: Auth,
    findings: RwSignal<Vec<Finding>>,
    /// What is checked now; nothing when all is done.
    current: RwSignal<Option<String>>,
}

/// The page.
#[component]
pub(crate) fn DoctorPage() -> impl IntoView {
    page::set_title("Check the setup · Velvet Rope");
    page::adopt_style_sheet(include_str!("../../style/doctor.css"));
    page::watch_policy();
    let examination = Examination {
        auth: use_auth(),
        findings: RwSignal::new(Vec::new()),
        current: RwSignal::new(None),
    };
    examination.start();
    let rows = move || {
        let findings = examination.findings.get().into_iter();
        findings.map(view_finding).collect_view()
    };
    let on_again = move |_| examination.start();
    let text = move || {
        examination
            .findings
            .with_untracked(|findings| report(findings))
    };
    view! {
        <h1>"Check the setup"</h1>
        <p>
            "This page compares "<code>"config.json"</code>" with the system that it names. Nothing is changed there. From a terminal, "
            <code>"cargo xtask doctor"</code>" checks the same and sees more of CORS."
        </p>
        <p class="doctor-summary" role="status">{move || examination.summary()}</p>
        <ol class="findings">{rows}</ol>
        <p class="actions">
            <button class="button" type="button" on:click=on_again>"Check again"</button>
            {copy_button("button", "Copy the report", text)}
        </p>
    }
}

impl Examination {
    fn start(self) {
        if self.current.with_untracked(Option::is_some) {
            return;
        }
        self.findings.set(Vec::new());
        self.current.set(Some("this browser".to_owned()));
        spawn_local(self.run());
    }

    async fn run(self) {
        let here = ThisPage { origin: origin() };
        let add = |finding: Finding| self.findings.try_update(|findings| findings.push(finding));
        add(place::secure_context(&here.origin));
        add(place::storage());
        let config = self.auth.config();
        for check in checks(&config) {
            if self.current.try_set(Some(check.title(&config))).is_some() {
                // The page is gone.
                return;
            }
            add(check.run(&config, &here).await);
        }
        let _ = self.current.try_set(Some("a signed call".to_owned()));
        if let Some(finding) = place::signed_call(self.auth).await {
            add(finding);
        }
        add(place::content_security_policy());
        let _ = self.current.try_set(None);
    }

    fn summary(self) -> String {
        let done = self.findings.with(Vec::len);
        if let Some(current) = self.current.get() {
            return format!("{done} checks done. Checking: {current}…");
        }
        let count = |state: State| {
            self.findings.with(|findings| {
                findings
                    .iter()
                    .filter(|finding| finding.state == state)
                    .count()
            })
        };
        match (count(State::Failed), count(State::Warning)) {
            (0, 0) => format!("Nothing to change: {done} checks."),
            (failed, warnings) => {
                format!("{failed} failed, {warnings} with a warning, of {done} checks.")
            }
        }
    }
}

fn view_finding(finding: Finding) -> AnyView {
    let (mark, class) = match finding.state {
        State::Ok => ("✓", "finding finding-ok"),
        State::Warning => ("!", "finding finding-warning"),
        State::Failed => ("✗", "finding finding-failed"),
        State::Skipped => ("–", "finding finding-skipped"),
    };
    let part = |name: &'static str, value: String| {
        (!value.is_empty()).then(|| view! { <div><dt>{name}</dt><dd>{value}</dd></div> })
    };
    view! {
        <li class=class>
            <span class="finding-mark" aria-hidden="true">{mark}</span>
            <div class="finding-text">
                <h2>{finding.title}" "<span class="finding-state">{finding.state.word()}</span></h2>
                <dl>
                    {part("Found", finding.found)}
                    {part("Expected", finding.expected)}
                    {part("How to fix it", finding.fix)}
                </dl>
            </div>
        </li>
    }
    .into_any()
}
