//! The sign-up of the demo user on the local cloud, which calls no trigger for a user that an administrator creates: reported
//! as another server would, so that the record takes the way of every sign-up.

use anyhow::{Context as _, Result, bail};
use serde_json::json;

use super::{local::LocalCloud, user};
use crate::support::{http_probe, report};

/// The parameter for the key below.
pub(crate) const KEY_PARAMETER: &str = "IngestionApiKeyValue";
/// The key of `/user-metadata`, on a cloud that only this machine reaches.
pub(crate) const KEY: &str = "velvet-rope-local-sign-up-key";

/// Reports the demo user to `/user-metadata`, if the system has it.
///
/// # Errors
/// When the local cloud does not take it.
pub(crate) async fn report_demo_user(cloud: &LocalCloud, port: u16) -> Result<()> {
    let Some(url) = cloud.outputs.get("UserMetadataUrl") else {
        return Ok(());
    };
    let step = report::step(format_args!("Report the sign-up of {}", user::NAME));
    let message = json!({ "user_id": cloud.demo_user_sub, "username": user::NAME, "email": user::DEMO_USER.email });
    let sign_up = json!({ "topic": "users", "message": message });
    let url = local_url(url, port).with_context(|| format!("{url} is no address of an API"))?;
    let status = http_probe::post_json(&url, ("x-api-key", KEY), sign_up.to_string()).await?;
    if !status.is_success() {
        bail!("{url} answered {status}");
    }
    step.done();
    Ok(())
}

/// The address of a route of API Gateway on the local cloud, by its path: not every machine resolves names below localhost.
fn local_url(url: &str, port: u16) -> Option<String> {
    let (host, path) = url.strip_prefix("https://")?.split_once('/')?;
    let (api, _) = host.split_once('.')?;
    let (stage, route) = path.split_once('/')?;
    Some(format!(
        "http://localhost:{port}/restapis/{api}/{stage}/_user_request_/{route}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_of_aws_is_called_on_this_machine() {
        let url = "https://a1b2.execute-api.eu-west-1.amazonaws.com/latest/user-metadata";
        let local = "http://localhost:4566/restapis/a1b2/latest/_user_request_/user-metadata";
        assert_eq!(local_url(url, 4566).as_deref(), Some(local));
        assert_eq!(local_url("nonsense", 4566), None);
    }
}
