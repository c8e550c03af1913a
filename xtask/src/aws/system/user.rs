//! The demo user of the local cloud.

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

/// Creates the demo user, or gives it its password again.
///
/// # Errors
/// When the user pool refuses.
pub(crate) async fn ensure_demo_user(sdk_config: &SdkConfig, user_pool_id: &str) -> Result<()> {
    let client = Client::new(sdk_config);
    let created = client
        .admin_create_user()
        .user_pool_id(user_pool_id)
        .username(NAME)
        .user_attributes(attribute("email", "demouser@example.com")?)
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
                &format!("could not create the user {NAME}"),
                &error,
            ));
        }
    }
    client
        .admin_set_user_password()
        .user_pool_id(user_pool_id)
        .username(NAME)
        .password(PASSWORD)
        .permanent(true)
        .send()
        .await
        .map_err(|error| refusal(&format!("could not set the password of {NAME}"), &error))?;
    Ok(())
}

fn attribute(name: &str, value: &str) -> Result<AttributeType> {
    AttributeType::builder()
        .name(name)
        .value(value)
        .build()
        .context("a user attribute")
}
