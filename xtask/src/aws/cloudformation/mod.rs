//! Stacks: their parameters, change sets with the question before them, and their events.

pub(crate) mod approval;
pub(crate) mod change_set;
pub(crate) mod changes;
mod events;
pub(crate) mod parameters;
pub(crate) mod stack;
pub(crate) mod template;
pub(crate) mod update;
