//! Long work in slices, between which the browser answers its user.

/// The longest slice in milliseconds: the browser calls more than 50 a long task.
const LENGTH: f64 = 30.0;

/// The slice that runs now.
#[derive(Debug)]
pub struct Slice {
    started: f64,
}

impl Slice {
    /// Begins a slice.
    #[must_use]
    pub fn start() -> Self {
        Self {
            started: js_sys::Date::now(),
        }
    }

    /// Whether it is time for the browser. Also after the clock was set.
    #[must_use]
    pub fn is_over(&self) -> bool {
        (js_sys::Date::now() - self.started).abs() >= LENGTH
    }
}
