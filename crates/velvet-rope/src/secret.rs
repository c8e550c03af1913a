//! Newtypes for values that must never reach a log, an error text or `Debug`.
//!
//! Tokens, codes, verifiers and AWS secret keys are such values. Comparing two of them is not constant-time: no secret
//! is checked in the browser, they are only stored and sent.

/// Defines a secret text: `Debug` prints its name only, there is no `Display`, and the value is
/// read by the one method `secret`, so that each use can be found.
/// `Serialize` writes the value: it is derived for the records in storage, which must be readable again.
macro_rules! secret {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, serde::Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Wraps the value.
            #[must_use]
            pub fn new(value: impl Into<String>) -> Self {
                Self(value.into())
            }

            /// The value itself, to be sent or stored, never to be shown.
            #[must_use]
            pub fn secret(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(concat!(stringify!($name), "([redacted])"))
            }
        }
    };
}

pub(crate) use secret;

#[cfg(test)]
#[expect(unreachable_pub, reason = "the macro makes its types public")]
mod tests {
    secret!(
        /// A secret for this test.
        Password
    );

    #[test]
    fn debug_never_prints_the_value() {
        let password = Password::new("demoPASS123");
        assert_eq!(format!("{password:?}"), "Password([redacted])");
        assert_eq!(password.secret(), "demoPASS123");
    }
}
