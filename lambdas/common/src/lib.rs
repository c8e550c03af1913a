//! What the functions share: who calls (`caller`), who may read an answer (`cors`), the answer itself
//! (`answer`), settings from the environment (`setting`), the log (`log`) and how they start (`start`).

mod answer;
mod caller;
mod cors;
mod log;
mod setting;
mod start;

pub use answer::{answer, refusal, route};
pub use caller::Caller;
pub use cors::{AllowedOrigin, AllowedOriginError};
pub use log::log_to_stdout;
pub use setting::{SettingMissing, setting};
pub use start::{StartError, allowed_origin, start};
