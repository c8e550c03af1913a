//! Creates and deletes users in the user pool of a deployed system.

use anyhow::{Context as _, Result};
use aws_sdk_cognitoidentityprovider::{
    Client,
    operation::admin_create_user::AdminCreateUserError,
    types::{AttributeType, MessageActionType},
};
use aws_types::SdkConfig;

use super::user::User;
use crate::aws::connection::refusal::refusal;

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
