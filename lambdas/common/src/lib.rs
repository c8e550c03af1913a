//! What the functions share: who calls (`caller`), who may read an answer (`cors`), the answer itself
//! (`answer`), settings from the environment (`setting`) and the log (`log`).

mod answer;
mod caller;
mod cors;
mod log;
mod setting;

pub use answer::{answer, refusal, route};
pub use caller::Caller;
pub use cors::{AllowedOrigin, AllowedOriginError};
pub use log::log_to_stdout;
pub use setting::{SettingMissing, setting};
