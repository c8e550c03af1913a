//! The calls of AWS services that set up a new local cloud. They do without the AWS SDK: its clients take longer to compile than the
//! rest of `xtask`, and the first `cargo xtask start` would wait for them. Commands that may reach AWS use the SDK, on a local cloud too.

use std::{collections::HashMap, time::Duration};

use anyhow::{Context as _, Result, anyhow, bail};
use bytes::Bytes;
use http::{Method, Request, StatusCode, request};
use http_body_util::Full;
use roxmltree::{Document, Node};
use serde_json::{Value, json};

use super::user::User;
use crate::{
    aws::{
        LOCAL_ACCESS_KEY, LOCAL_REGION,
        cloudformation::events::{self, Event},
        functions::package::Package,
        ministack,
    },
    support::{
        http_probe,
        report::{Activity, Step},
    },
};

const TIMEOUT: Duration = Duration::from_mins(1);
/// The version of CloudFormation's API.
const CLOUDFORMATION: &str = "2010-05-15";

/// The services of the local cloud on a port.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Api {
    port: u16,
}

/// A stack, as CloudFormation describes it.
#[derive(Debug, PartialEq, Eq)]
struct Stack {
    id: String,
    status: String,
    outputs: HashMap<String, String>,
}

impl Api {
    /// The services of the local cloud on `port`.
    pub(crate) fn new(port: u16) -> Self {
        Self { port }
    }

    /// Creates the bucket `name` with the `objects` in it.
    ///
    /// # Errors
    /// When S3 refuses.
    pub(crate) async fn create_bucket(self, name: &str, objects: &[Package]) -> Result<()> {
        let configuration = format!(
            "<CreateBucketConfiguration><LocationConstraint>{LOCAL_REGION}</LocationConstraint></CreateBucketConfiguration>"
        );
        self.put(name, configuration.into())
            .await
            .with_context(|| format!("could not create the bucket {name}"))?;
        for Package { key, content } in objects {
            self.put(&format!("{name}/{key}"), content.clone().into())
                .await
                .with_context(|| format!("could not upload {key} to the bucket {name}"))?;
        }
        Ok(())
    }

    async fn put(self, path: &str, body: Bytes) -> Result<()> {
        let request = self.request(Method::PUT, "s3", path);
        self.send(request, body).await.map(drop)
    }

    /// Creates the stack `name` from the template at `template_url` and waits for its end. What it answers, by name.
    ///
    /// # Errors
    /// When CloudFormation refuses the template or rolls back; the message names the resources that failed and their reasons.
    pub(crate) async fn create_stack(
        self,
        name: &str,
        template_url: &str,
        parameters: &[(String, String)],
        step: &Step,
    ) -> Result<HashMap<String, String>> {
        let mut fields = vec![
            ("StackName".to_owned(), name.to_owned()),
            ("TemplateURL".to_owned(), template_url.to_owned()),
            (
                "Capabilities.member.1".to_owned(),
                "CAPABILITY_NAMED_IAM".to_owned(),
            ),
        ];
        for (number, (key, value)) in (1..).zip(parameters) {
            let field = |part: &str| format!("Parameters.member.{number}.{part}");
            fields.push((field("ParameterKey"), key.clone()));
            fields.push((field("ParameterValue"), value.clone()));
        }
        self.cloudformation("CreateStack", &fields)
            .await
            .context("CloudFormation does not take the template")?;
        let stack = self.settled(name, step).await?;
        if stack.status == "CREATE_COMPLETE" {
            return Ok(stack.outputs);
        }
        let failures = events::all_failures(&stack.id, async |id| self.events(id).await);
        Err(match failures.await {
            Ok(failures) => anyhow!(events::failure_message(name, &stack.status, &failures)),
            Err(error) => error.context(format!("the stack {name} ended as {}", stack.status)),
        })
    }

    /// Waits until nothing happens to the stack any more, and shows the events meanwhile.
    async fn settled(self, name: &str, step: &Step) -> Result<Stack> {
        let mut activity = step.activity();
        loop {
            let fields = [stack_name(name)];
            let described = self.cloudformation("DescribeStacks", &fields).await;
            let described = described.context("could not look at the stack")?;
            let stack = read_stack(&described)?;
            if !stack.status.ends_with("_IN_PROGRESS") {
                return Ok(stack);
            }
            self.show_progress(&stack.id, &mut activity).await;
            tokio::time::sleep(ministack::POLL).await;
        }
    }

    /// Shows the newest event. An error is ignored: the outcome is reported anyway.
    async fn show_progress(self, id: &str, activity: &mut Activity) {
        let newest = self.events(id).await.ok();
        let newest = newest.and_then(|events| events.first().map(events::progress));
        activity.update(&newest.unwrap_or_default());
    }

    /// The events of the stack `id`, newest first.
    async fn events(self, id: &str) -> Result<Vec<Event>> {
        let fields = [stack_name(id)];
        let events = self.cloudformation("DescribeStackEvents", &fields).await;
        read_events(&events.context("could not read the stack's events")?)
    }

    /// Creates the user, with a permanent password; the claim `sub` that its tokens have.
    ///
    /// # Errors
    /// When Cognito refuses.
    pub(crate) async fn create_user(self, user_pool_id: &str, user: &User<'_>) -> Result<String> {
        let User {
            name,
            email,
            password,
        } = *user;
        let attributes = json!([
            { "Name": "email", "Value": email },
            { "Name": "email_verified", "Value": "true" },
        ]);
        let call = json!({
            "UserPoolId": user_pool_id,
            "Username": name,
            "UserAttributes": attributes,
            "MessageAction": "SUPPRESS",
        });
        let created = self.cognito("AdminCreateUser", &call).await;
        let created = created.with_context(|| format!("could not create the user {name}"))?;
        let call = json!({
            "UserPoolId": user_pool_id,
            "Username": name,
            "Password": password,
            "Permanent": true,
        });
        let set = self.cognito("AdminSetUserPassword", &call).await;
        set.with_context(|| format!("could not set the password of {name}"))?;
        let mut attributes = created["User"]["Attributes"]
            .as_array()
            .into_iter()
            .flatten();
        let sub = attributes.find(|attribute| attribute["Name"] == "sub");
        let sub = sub.and_then(|attribute| attribute["Value"].as_str());
        Ok(sub.context("the user has no sub")?.to_owned())
    }

    /// The answer to a call of CloudFormation's query API, an XML document.
    async fn cloudformation(self, action: &str, fields: &[(String, String)]) -> Result<String> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("Action", action)
            .append_pair("Version", CLOUDFORMATION)
            .extend_pairs(fields);
        let request = self
            .request(Method::POST, "cloudformation", "")
            .header("content-type", "application/x-www-form-urlencoded");
        self.send(request, form.finish().into()).await
    }

    async fn cognito(self, action: &str, call: &Value) -> Result<Value> {
        let target = format!("AWSCognitoIdentityProviderService.{action}");
        let request = self
            .request(Method::POST, "cognito-idp", "")
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", target);
        let answer = self.send(request, call.to_string().into()).await?;
        serde_json::from_str(&answer).context("the answer is not JSON")
    }

    fn request(self, method: Method, service: &str, path: &str) -> request::Builder {
        Request::builder()
            .method(method)
            .uri(format!("http://127.0.0.1:{}/{path}", self.port))
            // MiniStack finds the service by it, and the user by the key; it checks no signature.
            .header(
                "authorization",
                format!(
                    "AWS4-HMAC-SHA256 Credential={LOCAL_ACCESS_KEY}/20260101/{LOCAL_REGION}/{service}/aws4_request, \
                     SignedHeaders=host, Signature=unchecked"
                ),
            )
    }

    async fn send(self, request: request::Builder, body: Bytes) -> Result<String> {
        let request = request.body(Full::new(body)).context("not a request")?;
        let (status, answer) = http_probe::send(request, TIMEOUT).await?;
        if !status.is_success() {
            bail!("{}", refusal(status, &answer));
        }
        Ok(answer)
    }
}

fn stack_name(name_or_id: &str) -> (String, String) {
    ("StackName".to_owned(), name_or_id.to_owned())
}

/// The code and the message of an error of AWS: XML of the query API and of S3, JSON of Cognito.
fn refusal(status: StatusCode, answer: &str) -> String {
    let of_json = |answer: &str| {
        let error: Value = serde_json::from_str(answer).ok()?;
        Some((
            error["__type"].as_str()?.to_owned(),
            error["message"].as_str().unwrap_or_default().to_owned(),
        ))
    };
    let of_xml = |answer: &str| {
        let document = Document::parse(answer).ok()?;
        let root = document.root_element();
        Some((text(root, "Code")?, text(root, "Message")?))
    };
    match of_json(answer).or_else(|| of_xml(answer)) {
        Some((code, message)) => format!("{code}: {message}"),
        None => format!("the local cloud answered {status}"),
    }
}

fn read_stack(answer: &str) -> Result<Stack> {
    let document = Document::parse(answer).context("the answer is not XML")?;
    let stack = members(document.root_element(), "Stacks").next();
    let stack = stack.context("there is no such stack")?;
    let outputs = members(stack, "Outputs");
    Ok(Stack {
        id: text(stack, "StackId").context("the stack has no id")?,
        status: text(stack, "StackStatus").context("the stack has no status")?,
        outputs: outputs
            .filter_map(|output| Some((text(output, "OutputKey")?, text(output, "OutputValue")?)))
            .collect(),
    })
}

fn read_events(answer: &str) -> Result<Vec<Event>> {
    let document = Document::parse(answer).context("the answer is not XML")?;
    let events = members(document.root_element(), "StackEvents");
    let events = events.map(|event| {
        let text = |name: &str| text(event, name).unwrap_or_default();
        Event {
            stack_id: text("StackId"),
            resource: text("LogicalResourceId"),
            id: text("PhysicalResourceId"),
            kind: text("ResourceType"),
            status: text("ResourceStatus"),
            reason: Some(text("ResourceStatusReason")).filter(|reason| !reason.is_empty()),
        }
    });
    Ok(events.collect())
}

/// The members of the first list of that name below `node`.
fn members<'a>(node: Node<'a, 'a>, list: &str) -> impl Iterator<Item = Node<'a, 'a>> {
    let list = node.descendants().find(|below| is_named(*below, list));
    let members = list.into_iter().flat_map(|list| list.children());
    members.filter(Node::is_element)
}

/// The text of the first element of that name below `node`.
fn text(node: Node<'_, '_>, name: &str) -> Option<String> {
    let element = node.descendants().find(|below| is_named(*below, name))?;
    Some(element.text().unwrap_or_default().to_owned())
}

/// Whether it is an element of that name, in whatever namespace.
fn is_named(node: Node<'_, '_>, name: &str) -> bool {
    node.is_element() && node.tag_name().name() == name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_stack_with_its_outputs() {
        let answer = r#"<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/">
            <DescribeStacksResult><Stacks><member>
              <StackName>velvet-rope</StackName><StackId>arn:stack</StackId>
              <StackStatus>CREATE_COMPLETE</StackStatus>
              <Outputs>
                <member><OutputKey>ApiUrl</OutputKey><OutputValue>https://a.example/?a=1&amp;b=2</OutputValue></member>
                <member><OutputKey>ApiKey</OutputKey><OutputValue></OutputValue></member>
              </Outputs>
            </member></Stacks></DescribeStacksResult></DescribeStacksResponse>"#;
        let stack = read_stack(answer).unwrap();
        assert_eq!(stack.id, "arn:stack");
        assert_eq!(stack.status, "CREATE_COMPLETE");
        assert_eq!(stack.outputs["ApiUrl"], "https://a.example/?a=1&b=2");
        assert_eq!(stack.outputs["ApiKey"], "");
        let none = read_stack("<DescribeStacksResponse><Stacks/></DescribeStacksResponse>");
        assert_eq!(none.unwrap_err().to_string(), "there is no such stack");
    }

    #[test]
    fn reads_events_with_and_without_a_reason() {
        let answer = "<R><StackEvents>\
            <member><StackId>s</StackId><LogicalResourceId>Role</LogicalResourceId><PhysicalResourceId/>\
            <ResourceType>AWS::IAM::Role</ResourceType><ResourceStatus>CREATE_FAILED</ResourceStatus>\
            <ResourceStatusReason>no such policy</ResourceStatusReason></member>\
            <member><StackId>s</StackId><ResourceStatus>CREATE_IN_PROGRESS</ResourceStatus></member></StackEvents></R>";
        let events = read_events(answer).unwrap();
        assert_eq!(events.len(), 2);
        assert_eq!(events[0].resource, "Role");
        assert_eq!(events[0].reason.as_deref(), Some("no such policy"));
        assert_eq!(events[1].reason, None);
    }

    #[test]
    fn an_error_has_the_code_and_the_message_of_the_service() {
        let refused = |answer| refusal(StatusCode::BAD_REQUEST, answer);
        let xml = "<ErrorResponse><Error><Code>ValidationError</Code><Message>no such type</Message></Error></ErrorResponse>";
        assert_eq!(refused(xml), "ValidationError: no such type");
        let json = r#"{"__type": "InvalidPasswordException", "message": "too short"}"#;
        assert_eq!(refused(json), "InvalidPasswordException: too short");
        assert_eq!(
            refused("<html>"),
            "the local cloud answered 400 Bad Request"
        );
    }
}
