//! The table of refusals in `docs/troubleshooting.md`: it has the words of the app, and a row for each explanation.

use serde_json::Value;

use super::super::{MessageContext, SuggestedAction, docs_table};
use super::describe_refusal;
use super::explanations::{Explanation, explain};
use velvet_rope::gateway::answer::read_answer;
use velvet_rope::{
    Answer, HttpResponse, Method, Refusal, Route, RouteAuth, Timestamp, parse_config,
};

/// Answers as AWS sends them, with their source.
const RECORDED: &str = include_str!("../../../tests/data/refusals.json");
const HEAD: &str = "| Status | Message starts with | What happened | Why | What to change |\n| --- | --- | --- | --- | --- |\n";

/// An answer of the file.
struct Recorded {
    starts: String,
    route: Route,
    answer: Answer,
}

fn recorded() -> Vec<Recorded> {
    let list: Vec<Value> = serde_json::from_str(RECORDED).unwrap();
    list.iter().map(read).collect()
}

fn read(value: &Value) -> Recorded {
    let text = |key: &str| value[key].as_str().map(str::to_owned);
    let error_type =
        text("error_type").map(|error_type| ("x-amzn-errortype".to_owned(), error_type));
    let others = value["headers"].as_object().into_iter().flatten();
    let others = others.map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()));
    let status = value["status"]
        .as_u64()
        .and_then(|status| status.try_into().ok());
    let headers = error_type.into_iter().chain(others).collect();
    let response = HttpResponse::new(status.unwrap(), headers, text("body").unwrap());
    assert!(!text("source").unwrap().is_empty());
    let auth = match value["auth"].as_str().unwrap() {
        "iam" => RouteAuth::Iam,
        "bearer" => RouteAuth::Bearer,
        "open" => RouteAuth::Open,
        other => panic!("{other}"),
    };
    Recorded {
        starts: text("starts").unwrap(),
        route: Route {
            name: "Orders".into(),
            method: Method::Get,
            path: "/orders".into(),
            auth,
        },
        answer: read_answer(&response),
    }
}

impl Recorded {
    fn explanation(&self) -> &'static Explanation {
        let refusal = self.answer.refusal.as_ref().unwrap();
        explain(refusal, self.route.auth, self.answer.denial().as_ref())
    }

    /// The text of the answer, as the first column names it.
    fn message(&self) -> String {
        let body: Value = serde_json::from_str(&self.answer.text()).unwrap_or_default();
        let message = body.get("message").or_else(|| body.get("Message"));
        let message = message.map(|message| message.as_str().unwrap_or("null").to_owned());
        message.unwrap_or_else(|| self.answer.text().into_owned())
    }
}

/// The rows of the table: each explanation with the statuses and messages that lead to it.
fn rows() -> String {
    let mut rows: Vec<(&Explanation, Vec<String>, Vec<String>)> = Vec::new();
    for one in recorded() {
        let explanation = one.explanation();
        let at = rows.iter().position(|(known, ..)| *known == explanation);
        let at = at.unwrap_or_else(|| {
            rows.push((explanation, Vec::new(), Vec::new()));
            rows.len() - 1
        });
        let (_, statuses, starts) = &mut rows[at];
        let start = match one.starts.as_str() {
            "(anything else)" => "anything else".to_owned(),
            start => ["`", start, "`"].concat(),
        };
        for (list, text) in [(statuses, one.answer.status.to_string()), (starts, start)] {
            if !list.contains(&text) {
                list.push(text);
            }
        }
    }
    let row = |(explanation, statuses, starts): &(&Explanation, Vec<String>, Vec<String>)| {
        let Explanation {
            title, detail, fix, ..
        } = explanation;
        let (statuses, starts) = (statuses.join(", "), starts.join(", "));
        format!("| {statuses} | {starts} | {title} | {detail} | {fix} |\n")
    };
    rows.iter().map(row).collect()
}

#[test]
fn the_table_in_the_documentation_has_the_words_of_the_app() {
    docs_table::check(HEAD, &rows());
}

#[test]
fn each_recorded_answer_begins_as_its_row_says() {
    for one in recorded() {
        let message = one.message();
        let mut rest = message.as_str();
        if one.starts == "(anything else)" {
            continue;
        }
        for (index, part) in one.starts.split(" … ").enumerate() {
            let at = rest.find(part);
            assert!(
                at.is_some_and(|at| index > 0 || at == 0),
                "{}: {message}",
                one.starts
            );
            rest = &rest[at.unwrap() + part.len()..];
        }
    }
}

/// A name for each kind of refusal. A new one does not compile until it is here, and fails until it is recorded.
fn kind(refusal: &Refusal) -> usize {
    match refusal {
        Refusal::NoSuchRouteOrUnsigned => 0,
        Refusal::IncompleteSignature => 1,
        Refusal::InvalidSecurityToken => 2,
        Refusal::ExpiredSecurityToken => 3,
        Refusal::SignatureExpired { .. } => 4,
        Refusal::SignatureNotYetCurrent { .. } => 5,
        Refusal::WrongScope => 6,
        Refusal::SignatureMismatch => 7,
        Refusal::AccessDenied => 8,
        Refusal::AuthorizerDenied => 9,
        Refusal::ApiKey => 10,
        Refusal::Forbidden => 11,
        Refusal::Unauthorized => 12,
        Refusal::Throttled => 13,
        Refusal::QuotaExceeded => 14,
        Refusal::TooLarge => 15,
        Refusal::UnsupportedMediaType => 16,
        Refusal::NotFound => 17,
        Refusal::BadRequest => 18,
        Refusal::IntegrationFailed => 19,
        Refusal::IntegrationTimedOut => 20,
        Refusal::ServerFailed => 21,
    }
}

#[test]
fn every_kind_of_refusal_is_recorded() {
    let mut kinds: Vec<usize> = recorded()
        .iter()
        .map(|one| kind(one.answer.refusal.as_ref().unwrap()))
        .collect();
    kinds.sort_unstable();
    kinds.dedup();
    assert_eq!(kinds, (0..=21).collect::<Vec<_>>());
}

#[test]
fn two_explanations_never_say_the_same() {
    let rows = rows();
    for row in rows.lines() {
        let cells: Vec<&str> = row.split(" | ").collect();
        assert_eq!(cells.len(), 5, "{row}");
        assert!(
            cells
                .iter()
                .all(|cell| !cell.trim_matches(['|', ' ']).is_empty()),
            "{row}"
        );
    }
    let mut words: Vec<_> = recorded()
        .iter()
        .map(|one| (one.explanation().title, one.explanation().detail))
        .collect();
    words.sort_unstable();
    words.dedup();
    assert_eq!(words.len(), rows.lines().count());
}

fn context() -> MessageContext {
    let config = parse_config(include_str!("../../../public/config.example.json")).unwrap();
    MessageContext::new(&config, "https://app.example.com")
}

fn described(starts: &str, context: &MessageContext, now: &str) -> super::Message {
    let found = recorded().into_iter().find(|one| one.starts == starts);
    let one = found.unwrap();
    let now = Timestamp::from_iso8601_basic(now).unwrap();
    describe_refusal(&one.answer, &one.route, context, now).unwrap()
}

const NOW: &str = "20230601T095950Z";

#[test]
fn a_denied_call_names_role_resource_and_policy() {
    let denied = "User: … is not authorized to perform";
    let message = described(denied, &context(), NOW);
    let value = |name: &str| {
        message
            .values
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value.as_str())
    };
    assert_eq!(value("Role"), Some("R"));
    assert_eq!(
        value("Resource"),
        Some("arn:aws:execute-api:eu-west-1:********3333:API/latest/GET/require-auth")
    );
    assert_eq!(value("Policy"), Some("identity-based policy"));
    assert_eq!(message.suggested_action, SuggestedAction::CheckSetup);
    let several = context().with_session(true, 0);
    assert_eq!(
        described(denied, &several, NOW).suggested_action,
        SuggestedAction::ChooseRole
    );
}

#[test]
fn a_refused_time_names_the_difference_and_the_correction() {
    let behind = described(
        "Signature expired",
        &context().with_session(false, 3_600),
        NOW,
    );
    let value = |text: &str| text.to_owned();
    assert_eq!(
        behind.values,
        [
            (
                "Clock of this device".to_owned(),
                value("4 h behind the gateway")
            ),
            ("Corrected by the app".to_owned(), value("1 h behind")),
        ]
    );
    let ahead = described("Signature not yet current", &context(), "20230804T000000Z");
    assert_eq!(
        ahead.values,
        [(
            "Clock of this device".to_owned(),
            value("6 h ahead of the gateway")
        )]
    );
    assert_eq!(ahead.suggested_action, SuggestedAction::CorrectClock);
}

#[test]
fn a_refused_key_is_shown_only_as_far_as_it_helps_to_find_it() {
    let mut config = parse_config(include_str!("../../../public/config.example.json")).unwrap();
    for (key, shown) in [
        (Some("abcdefghijklmnopqrst"), "…qrst, 20 characters"),
        (Some("short"), "…, 5 characters"),
        (None, "not set"),
    ] {
        config.api.key = key.map(str::to_owned);
        let context = MessageContext::new(&config, "https://app.example.com");
        let message = described("Forbidden", &context, NOW);
        assert_eq!(message.values[0], ("api.key".into(), shown.to_owned()));
    }
}

#[test]
fn a_refused_token_names_issuer_client_and_what_the_authorizer_says() {
    let answer = recorded()
        .into_iter()
        .find(|one| one.answer.header("www-authenticate").is_some())
        .unwrap();
    let message =
        describe_refusal(&answer.answer, &answer.route, &context(), Timestamp(0)).unwrap();
    let names: Vec<&str> = message.values.iter().map(|(name, _)| &**name).collect();
    assert_eq!(
        names,
        [
            "Authorization sent",
            "Issuer",
            "App client",
            "WWW-Authenticate"
        ]
    );
}
