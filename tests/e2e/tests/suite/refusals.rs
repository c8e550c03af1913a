//! Every row of the tables in `docs/troubleshooting.md` about refusals, through the API console: what the local cloud refuses by
//! itself, and the recorded answers in `tests/data` for the rest.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use serde_json::{Value, json};
use velvet_rope_e2e::browser::Role;
use velvet_rope_e2e::fixture::{Fixture, Setup, TestResult, browser_test};
use velvet_rope_e2e::oidc::Settings;
use velvet_rope_e2e::pages::Notice;
use velvet_rope_e2e::proxy::{Edit, Fault, RequestKind, StubResponse};
use velvet_rope_e2e::site::SiteConfig;
use velvet_rope_e2e::test_name;

const DOCUMENT: &str = include_str!("../../../../docs/troubleshooting.md");
const RECORDED: &str = include_str!("../../../data/refusals.json");

const RECORDED_OF_POOL: &str = include_str!("../../../data/identity_pool.json");
const HEAD: &str = "| Status | Message starts with | What happened | Why | What to change |";
const HEAD_OF_POOL: &str =
    "| Message of the identity pool | What happened | Why | What to change |";

/// More than forty requests, some of which the app repeats.
const LIMIT: Duration = Duration::from_mins(6);

const OPEN: &str = "GET /no-auth";
const SIGNED: &str = "GET /require-auth";
/// The protected route once more, without a signature and with a token.
const UNSIGNED: &str = "GET /require-auth?as=open";
const WITH_TOKEN: &str = "GET /require-auth?as=bearer";
const WRONG_METHOD: &str = "POST /no-auth";

/// A row of a table.
#[derive(Debug)]
struct Row {
    /// The status and the start of the message, or the start alone.
    answers: String,
    title: String,
    detail: String,
    fix: String,
}

/// An answer of API Gateway.
#[derive(Debug, Deserialize)]
struct Recorded {
    starts: String,
    auth: String,
    status: u16,
    error_type: Option<String>,
    body: String,
}

/// An answer of an identity pool.
#[derive(Debug, Deserialize)]
struct OfPool {
    starts: String,
    code: String,
    message: String,
}

/// A table, and which of its rows were seen in the browser.
struct Table {
    rows: Vec<Row>,
    seen: BTreeSet<usize>,
}

impl Table {
    fn read(head: &str) -> Result<Self> {
        let (_, table) = DOCUMENT.split_once(head).context("there is no table")?;
        let lines = table.lines().skip(2);
        let rows = lines.take_while(|line| line.starts_with('|')).map(|line| {
            let mut cells = line.trim_matches(['|', ' ']).rsplitn(4, " | ");
            let mut next = || cells.next().unwrap_or_default().to_owned();
            let (fix, detail, title, answers) = (next(), next(), next(), next());
            ensure!(!answers.is_empty(), "{line}");
            Ok(Row {
                answers,
                title,
                detail,
                fix,
            })
        });
        let rows = rows.collect::<Result<Vec<_>>>()?;
        let seen = BTreeSet::new();
        Ok(Self { rows, seen })
    }

    /// Fails unless the notice has the words of a row for an answer that begins so.
    fn check(&mut self, status: &str, starts: &str, notice: &Notice) -> Result<()> {
        let starts = match starts {
            "(anything else)" => "anything else".to_owned(),
            starts => ["`", starts, "`"].concat(),
        };
        let found = self.rows.iter().position(|row| {
            row.answers.contains(status)
                && row.answers.contains(&starts)
                && row.title == notice.title
                && says(&notice.text, &row.detail)
                && says(&notice.text, &row.fix)
        });
        let found = found.with_context(|| format!("{status} {starts}: no row says {notice:?}"))?;
        self.seen.insert(found);
        Ok(())
    }

    /// Fails unless every row was seen.
    fn all_seen(&self) -> Result<()> {
        let rows = self.rows.iter().enumerate();
        let missing: Vec<&Row> = rows
            .filter(|(at, _)| !self.seen.contains(at))
            .map(|(_, row)| row)
            .collect();
        ensure!(missing.is_empty(), "never seen: {missing:#?}");
        Ok(())
    }
}

/// Whether a text has these words, where `…` stands for a value.
fn says(text: &str, words: &str) -> bool {
    let mut rest = text;
    words.split('…').all(|part| {
        let found = rest.split_once(part);
        rest = found.map_or("", |(_, after)| after);
        found.is_some()
    })
}

fn routes() -> Value {
    json!([
        { "name": "Open", "method": "GET", "path": "/no-auth", "auth": "open" },
        { "name": "Signed", "method": "GET", "path": "/require-auth", "auth": "iam" },
        { "name": "Unsigned", "method": "GET", "path": "/require-auth?as=open", "auth": "open" },
        { "name": "With a token", "method": "GET", "path": "/require-auth?as=bearer", "auth": "bearer" },
        { "name": "Wrong method", "method": "POST", "path": "/no-auth", "auth": "open" },
    ])
}

/// Sends a request of the console, and returns what the page says about its refusal.
async fn refusal(fixture: &Fixture, operation: &str, status: u16) -> Result<Notice> {
    let console = fixture.console();
    console.choose(operation).await?;
    console.send_and_wait_for_result().await?;
    console
        .wait_for_text(".answer-line .status", &status.to_string())
        .await?;
    console.notice().await
}

/// Opens the page anew, so that it has no credentials, with a changed configuration.
async fn open(fixture: &Fixture, change: impl FnOnce(&mut Value)) -> Result<()> {
    let mut config = fixture.config.clone();
    config["api"]["routes"] = routes();
    change(&mut config);
    fixture.site.set_config(SiteConfig::Json(config));
    fixture.proxy.clear_faults();
    fixture.open("/console").await?;
    fixture.console().heading().element().await?;
    Ok(())
}

/// Makes the identity pool give other credentials.
fn give(fixture: &Fixture, credentials: &[(&'static str, &str)]) {
    let edit = credentials
        .iter()
        .fold(Edit::default(), |edit, (pointer, value)| {
            edit.set(pointer, json!(value))
        });
    fixture
        .proxy
        .inject(RequestKind::GET_CREDENTIALS, Fault::EditResponse(edit));
}

/// What the local cloud refuses by itself. It answers a denied call, and one that is signed for another region, without CORS
/// headers, so that a page cannot read why.
async fn refused_by_the_cloud(fixture: &Fixture, table: &mut Table) -> Result<()> {
    open(fixture, |_| {}).await?;
    for (operation, starts) in [
        (WRONG_METHOD, "Missing Authentication Token"),
        (UNSIGNED, "Missing Authentication Token"),
        (WITH_TOKEN, "Invalid key=value pair"),
    ] {
        let notice = refusal(fixture, operation, 403).await?;
        table.check("403", starts, &notice).context(operation)?;
    }
    for (key, shown) in [(Some("not-the-key-of-this-api"), "-api"), (None, "not set")] {
        open(fixture, |config| {
            match (key, config["api"].as_object_mut()) {
                (Some(key), _) => config["api"]["key"] = json!(key),
                (None, api) => drop(api.and_then(|api| api.remove("key"))),
            }
        })
        .await?;
        let notice = refusal(fixture, OPEN, 403).await?;
        table.check("403", "Forbidden", &notice)?;
        notice.contains_text(shown)?;
    }
    Ok(())
}

/// What it refuses to other credentials than those of the user.
async fn refused_credentials(fixture: &Fixture, table: &mut Table) -> Result<()> {
    open(fixture, |_| {}).await?;
    give(
        fixture,
        &[("/Credentials/AccessKeyId", "ASIAUNKNOWN000000000")],
    );
    let notice = refusal(fixture, SIGNED, 403).await?;
    let starts = "The security token included in the request is invalid";
    table.check("403", starts, &notice)?;
    notice.has_buttons(&["Try again with new credentials"])?;

    open(fixture, |_| {}).await?;
    give(
        fixture,
        &[(
            "/Credentials/SecretKey",
            "wrongwrongwrongwrongwrongwrongwrongwrong",
        )],
    );
    let notice = refusal(fixture, SIGNED, 403).await?;
    table.check(
        "403",
        "The request signature we calculated does not match",
        &notice,
    )?;
    // The button replaces the credentials.
    fixture.proxy.clear_faults();
    let console = fixture.console();
    console
        .button("Try again with new credentials")
        .click()
        .await?;
    console.wait_for_text(".answer-line .status", "200").await?;
    Ok(())
}

/// What AWS was recorded to refuse.
async fn replayed(fixture: &Fixture, table: &mut Table) -> Result<()> {
    open(fixture, |_| {}).await?;
    let recorded: Vec<Recorded> = serde_json::from_str(RECORDED)?;
    for one in recorded {
        let mut answer = StubResponse::text(one.status, &one.body)
            .header("content-type", "application/json")
            .header("x-amzn-requestid", "5c0e3f6a-0000-4000-8000-000000000000");
        if let Some(error_type) = &one.error_type {
            answer = answer.header("x-amzn-errortype", error_type);
        }
        fixture.proxy.clear_faults();
        for kind in [RequestKind::OPEN_ROUTE, RequestKind::PROTECTED_ROUTE] {
            fixture.proxy.inject(kind, Fault::Respond(answer.clone()));
        }
        let operation = match one.auth.as_str() {
            "iam" => SIGNED,
            "bearer" => WITH_TOKEN,
            _ => OPEN,
        };
        let notice = refusal(fixture, operation, one.status).await?;
        table.check(&one.status.to_string(), &one.starts, &notice)?;
    }
    Ok(())
}

/// What AWS was recorded to refuse at the identity pool.
async fn refused_by_the_pool(fixture: &Fixture, table: &mut Table) -> Result<()> {
    open(fixture, |_| {}).await?;
    let console = fixture.console();
    let recorded: Vec<OfPool> = serde_json::from_str(RECORDED_OF_POOL)?;
    for one in recorded {
        let body = json!({ "__type": one.code, "message": one.message });
        let answer =
            StubResponse::json(400, &body).header("x-amzn-errortype", &format!("{}:", one.code));
        fixture.proxy.clear_faults();
        for kind in [RequestKind::GET_ID, RequestKind::GET_CREDENTIALS] {
            fixture.proxy.inject(kind, Fault::Respond(answer.clone()));
        }
        console.choose(SIGNED).await?;
        console.send_and_wait_for_result().await?;
        table.check("", &one.starts, &console.notice().await?)?;
    }
    Ok(())
}

#[test]
fn every_row_of_the_table_is_what_the_console_says() -> TestResult {
    browser_test(
        test_name!(),
        Setup::default().limit(LIMIT),
        async |fixture| {
            let mut table = Table::read(HEAD)?;
            fixture.sign_in().await?;
            refused_by_the_cloud(fixture, &mut table).await?;
            refused_credentials(fixture, &mut table).await?;
            replayed(fixture, &mut table).await?;
            table.all_seen()?;
            let mut of_pool = Table::read(HEAD_OF_POOL)?;
            refused_by_the_pool(fixture, &mut of_pool).await?;
            of_pool.all_seen()
        },
    )
}

#[test]
fn a_denied_call_offers_another_role_to_a_user_who_has_several() -> TestResult {
    let roles = ["editor", "reader"].map(|role| format!("arn:aws:iam::000000000000:role/{role}"));
    let provider = Settings::default().claim("cognito:roles", json!(roles));
    browser_test(
        test_name!(),
        Setup::with_provider(provider),
        async |fixture| {
            fixture.sign_in_alice().await?;
            let recorded: Vec<Recorded> = serde_json::from_str(RECORDED)?;
            let denied = recorded
                .into_iter()
                .find(|one| one.starts == "User: … is not authorized to perform")
                .context("no such answer")?;
            let answer = StubResponse::text(denied.status, &denied.body);
            fixture
                .proxy
                .inject(RequestKind::OPEN_ROUTE, Fault::Respond(answer));
            open_console(fixture).await?;
            let notice = refusal(fixture, OPEN, 403).await?;
            notice.contains_text(
                "arn:aws:execute-api:eu-west-1:********3333:API/latest/GET/require-auth",
            )?;
            let link = fixture
                .browser
                .get_by_role(Role::Link, "Choose another role");
            link.click().await?;
            let part = fixture.session_page().part("Actions");
            part.wait_for_text("reader").await?;
            Ok(())
        },
    )
}

async fn open_console(fixture: &Fixture) -> Result<()> {
    fixture.open("/console").await?;
    fixture.console().heading().element().await?;
    Ok(())
}
