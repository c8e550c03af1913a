//! What the functions share: the caller (`caller`), bearer tokens (`bearer`), CORS (`cors`), answers (`answer`), JSON
//! bodies (`json`), settings from the environment (`setting`), the log (`log`) and starting (`start`).

mod answer;
mod bearer;
mod caller;
mod cors;
mod json;
mod log;
mod setting;
mod start;

pub use answer::{answer, refusal, route};
pub use bearer::{BearerError, bearer_token, token_digest};
pub use caller::Caller;
pub use cors::{AllowedOrigin, AllowedOriginError};
pub use json::read_json_object;
pub use setting::{SettingMissing, setting};
pub use start::{StartError, allowed_origin, answer_requests, start, start_answering_by_errors};
