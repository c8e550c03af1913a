//! Users that xtask creates in the user pool: the demo user of the local cloud, and the user of a smoke check.

use anyhow::{Context as _, Result};
use aws_sdk_cognitoidentityprovider::{
    Client,
    operation::admin_create_user::AdminCreateUserError,
    types::{AttributeType, MessageActionType},
};
use aws_types::SdkConfig;

use crate::aws::connection::refusal::refusal;

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

/// Creates the user, or sets the password of the existing one.
///
/// # Errors
/// When the user pool refuses.
pub(crate) async fn ensure(
    sdk_config: &SdkConfig,
    user_pool_id: &str,
    user: &User<'_>,
) -> Result<()> {
    let User {
        name,
        email,
        password,
    } = *user;
    let client = Client::new(sdk_config);
    let created = client
        .admin_create_user()
        .user_pool_id(user_pool_id)
        .username(name)
        .user_attributes(attribute("email", email)?)
        .user_attributes(attribute("email_verified", "true")?)
        .message_action(MessageActionType::Suppress)
        .send()
        .await;
    if let Err(error) = created {
        let exists = error
            .as_service_error()
            .is_some_and(AdminCreateUserError::is_username_exists_exception);
        if !exists {
            return Err(refusal(
                &format!("could not create the user {name}"),
                &error,
            ));
        }
    }
    client
        .admin_set_user_password()
        .user_pool_id(user_pool_id)
        .username(name)
        .password(password)
        .permanent(true)
        .send()
        .await
        .map_err(|error| refusal(&format!("could not set the password of {name}"), &error))?;
    Ok(())
}

/// The user's id in the user pool: the claim `sub`.
///
/// # Errors
/// When the user pool refuses, or the user has none.
pub(crate) async fn sub(sdk_config: &SdkConfig, user_pool_id: &str, name: &str) -> Result<String> {
    let user = Client::new(sdk_config)
        .admin_get_user()
        .user_pool_id(user_pool_id)
        .username(name)
        .send()
        .await
        .map_err(|error| refusal(&format!("could not look up the user {name}"), &error))?;
    let mut attributes = user.user_attributes().iter();
    let sub = attributes.find(|attribute| attribute.name() == "sub");
    let sub = sub.and_then(|attribute| attribute.value());
    Ok(sub.context("the user has no sub")?.to_owned())
}

/// Deletes the user.
///
/// # Errors
/// When the user pool refuses.
pub(crate) async fn delete(sdk_config: &SdkConfig, user_pool_id: &str, name: &str) -> Result<()> {
    Client::new(sdk_config)
        .admin_delete_user()
        .user_pool_id(user_pool_id)
        .username(name)
        .send()
        .await
        .map_err(|error| refusal(&format!("could not delete the user {name}"), &error))?;
    Ok(())
}

fn attribute(name: &str, value: &str) -> Result<AttributeType> {
    AttributeType::builder()
        .name(name)
        .value(value)
        .build()
        .context("a user attribute")
}
