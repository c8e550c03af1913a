//! How the provider misbehaves, and for which requests.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::RequestKind;
use crate::proxy::Answer;

/// What happens to a request. Preflights are always spared.
#[derive(Clone, Debug)]
pub enum Fault {
    /// This answer is given, and the provider itself never learns of the request.
    Answer(Answer),
    /// The connection is reset, and the provider itself never learns of the request.
    Reset,
    /// The request is answered later.
    Delay(Duration),
    /// Nothing happens until the provider has its faults cleared; then the request is answered.
    Hold,
    /// The request is answered, and the answer is lost: what it spent is spent.
    DropReply,
    /// The request is answered, and half of the answer arrives.
    CutReply,
    /// The request is answered; the answer arrives when the provider has its faults cleared.
    HoldReply,
    /// The request is answered, and this answer arrives in place of the provider's.
    AnswerAfter(Answer),
    /// The answer, which is JSON, is changed on its way.
    EditReply(Edit),
}

/// What is changed about an answer.
#[derive(Clone, Debug, Default)]
pub struct Edit {
    set: Map<String, Value>,
    remove: Vec<String>,
    claims: Map<String, Value>,
    forged: bool,
}

impl Edit {
    /// A member says this instead.
    #[must_use]
    pub fn set(mut self, name: &str, value: Value) -> Self {
        self.set.insert(name.to_owned(), value);
        self
    }

    /// A member is missing.
    #[must_use]
    pub fn remove(mut self, name: &str) -> Self {
        self.remove.push(name.to_owned());
        self
    }

    /// The ID token says this instead, and is signed anew; a claim of `null` counts as said.
    #[must_use]
    pub fn claim(mut self, name: &str, value: Value) -> Self {
        self.claims.insert(name.to_owned(), value);
        self
    }

    /// The ID token is signed by a key that is not the provider's.
    #[must_use]
    pub fn forged(mut self) -> Self {
        self.forged = true;
        self
    }

    fn describe(&self) -> Value {
        let mut described = json!({ "kind": "edit_reply", "set": self.set, "remove": self.remove });
        if self.forged || !self.claims.is_empty() {
            described["claims"] = json!(self.claims);
            described["forged"] = json!(self.forged);
        }
        described
    }
}

impl Fault {
    /// A rule in the script's words.
    pub(super) fn rule(&self, asked: RequestKind, times: Option<usize>) -> Value {
        json!({
            "endpoint": asked.endpoint(),
            "grant_type": asked.grant_type(),
            "times": times,
            "fault": self.describe(),
        })
    }

    fn describe(&self) -> Value {
        match self {
            Self::Answer(answer) => answered("answer", answer),
            Self::Reset => json!({ "kind": "reset" }),
            Self::Delay(delay) => json!({ "kind": "delay", "milliseconds": delay.as_millis() }),
            Self::Hold => json!({ "kind": "hold" }),
            Self::DropReply => json!({ "kind": "drop_reply" }),
            Self::CutReply => json!({ "kind": "cut_reply" }),
            Self::HoldReply => json!({ "kind": "hold_reply" }),
            Self::AnswerAfter(answer) => answered("answer_after", answer),
            Self::EditReply(edit) => edit.describe(),
        }
    }
}

fn answered(kind: &str, answer: &Answer) -> Value {
    let headers: Map<String, Value> = answer
        .headers()
        .map(|(name, value)| (name.to_owned(), json!(value)))
        .collect();
    json!({ "kind": kind, "status": answer.status(), "headers": headers, "body": answer.body() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_keeps_status_headers_and_body() {
        let answer = Answer::json(429, &json!({})).header("retry-after", "3");
        let rule = Fault::Answer(answer).rule(RequestKind::Refresh, Some(2));
        assert_eq!(rule["endpoint"], "token");
        assert_eq!(rule["grant_type"], "refresh_token");
        assert_eq!(rule["times"], 2);
        assert_eq!(rule["fault"]["status"], 429);
        assert_eq!(rule["fault"]["headers"]["retry-after"], "3");
        assert_eq!(rule["fault"]["headers"]["access-control-allow-origin"], "*");
        assert_eq!(rule["fault"]["body"], "{}");
    }

    #[test]
    fn an_answer_without_an_id_token_can_be_edited() {
        let rule =
            Fault::EditReply(Edit::default().remove("issuer")).rule(RequestKind::Discovery, None);
        assert_eq!(rule["fault"].get("claims"), None);
        assert_eq!(rule["fault"]["remove"], json!(["issuer"]));
    }
}
