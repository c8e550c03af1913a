//! Users that xtask creates: the demo user of the local cloud, and the user of a smoke check.

/// The name that the demo user signs in with.
pub(crate) const NAME: &str = "demouser";
/// Its password: the demo's own, on a cloud that only this machine reaches.
pub(crate) const PASSWORD: &str = "demoPASS123";

/// A user with a verified email address.
#[derive(Clone, Copy)]
pub(crate) struct User<'a> {
    /// The name to sign in with.
    pub(crate) name: &'a str,
    /// The email address, which gets no message.
    pub(crate) email: &'a str,
    /// The password.
    pub(crate) password: &'a str,
}

/// The demo user.
pub(crate) const DEMO_USER: User<'_> = User {
    name: NAME,
    email: "demouser@example.com",
    password: PASSWORD,
};
