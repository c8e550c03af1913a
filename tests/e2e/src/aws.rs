//! What the tests do at the local cloud past the site: as an administrator, as a server, and as Cognito itself.
//!
//! The control plane of MiniStack does not check signatures made with its root key, so none is computed: the header
//! only says which service is meant.

use anyhow::{Context as _, Result, ensure};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use serde_json::{Value, json};
use url::form_urlencoded::Serializer;

use crate::environment::Environment;
use crate::http::Client;

/// The control plane.
#[derive(Clone, Debug)]
pub struct Aws {
    endpoint: String,
    client: Client,
}

/// A message of a queue.
#[derive(Clone, Debug)]
pub struct Message {
    /// What it says.
    pub body: String,
    receipt: String,
}

impl Aws {
    /// That of the local cloud.
    #[must_use]
    pub fn new(environment: &Environment) -> Self {
        Self {
            endpoint: environment.cloud_url.clone(),
            client: Client::default(),
        }
    }

    /// Calls an action of a service that speaks JSON, such as `DynamoDB_20120810.Scan`.
    ///
    /// # Errors
    /// When it does not succeed.
    pub async fn call(&self, service: &str, action: &str, body: &Value) -> Result<Value> {
        let request = self
            .post(service, "/")
            .header("Content-Type", "application/x-amz-json-1.0")
            .header("X-Amz-Target", action)
            .body(Full::from(body.to_string()))?;
        let answer = self.send(action, request).await?;
        if answer.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&answer).with_context(|| format!("{action} answered no JSON"))
    }

    /// Makes a user whose sign-up is confirmed, and returns its `sub`.
    ///
    /// # Errors
    /// When there is such a user already.
    pub async fn add_user(
        &self,
        pool: &str,
        name: &str,
        email: &str,
        password: &str,
    ) -> Result<String> {
        let made = self
            .user_pool("AdminCreateUser", &json!({
                "UserPoolId": pool, "Username": name, "MessageAction": "SUPPRESS",
                "UserAttributes": [
                    { "Name": "email", "Value": email }, { "Name": "email_verified", "Value": "true" }
                ],
            }))
            .await?;
        self.user_pool(
            "AdminSetUserPassword",
            &json!({ "UserPoolId": pool, "Username": name, "Password": password, "Permanent": true }),
        )
        .await?;
        let attributes = made["User"]["Attributes"].as_array();
        let sub = attributes.into_iter().flatten().find_map(|attribute| {
            (attribute["Name"] == "sub").then(|| attribute["Value"].as_str())?
        });
        Ok(sub.context("the user has no sub")?.to_owned())
    }

    /// Calls an action of the user pools' service.
    ///
    /// # Errors
    /// When it does not succeed.
    pub async fn user_pool(&self, action: &str, body: &Value) -> Result<Value> {
        let action = format!("AWSCognitoIdentityProviderService.{action}");
        self.call("cognito-idp", &action, body).await
    }

    /// Invokes a function with an event, and returns what it answers.
    ///
    /// # Errors
    /// When the function fails.
    pub async fn invoke(&self, function: &str, event: &Value) -> Result<Value> {
        let name = function.rsplit(':').next().unwrap_or_default();
        let path = format!("/2015-03-31/functions/{name}/invocations");
        let request = self
            .post("lambda", &path)
            .body(Full::from(event.to_string()))?;
        let answer = self.send(name, request).await?;
        serde_json::from_slice(&answer).with_context(|| format!("{name} answered no JSON"))
    }

    /// Adds an API key with its own usage plan, which allows `limit` calls at once and each second. Returns the key.
    ///
    /// # Errors
    /// When API Gateway refuses one of them.
    pub async fn add_api_key(&self, api: &str, stage: &str, limit: u32) -> Result<String> {
        let value = format!("key-with-own-usage-plan-{:016x}", fastrand::u64(..));
        let key = json!({ "name": value, "value": value, "enabled": true });
        let key = self.api_gateway("/apikeys", &key).await?;
        let plan = json!({
            "name": value,
            "throttle": { "rateLimit": limit, "burstLimit": limit },
            "apiStages": [{ "apiId": api, "stage": stage }],
        });
        let plan = self.api_gateway("/usageplans", &plan).await?;
        let plan = plan["id"].as_str().context("the usage plan has no id")?;
        let member = json!({ "keyId": key["id"], "keyType": "API_KEY" });
        self.api_gateway(&format!("/usageplans/{plan}/keys"), &member)
            .await?;
        Ok(value)
    }

    async fn api_gateway(&self, path: &str, body: &Value) -> Result<Value> {
        let request = self
            .post("apigateway", path)
            .header("Content-Type", "application/json")
            .body(Full::from(body.to_string()))?;
        let answer = self.send(path, request).await?;
        serde_json::from_slice(&answer).with_context(|| format!("{path} answered no JSON"))
    }

    /// Publishes to a topic.
    ///
    /// # Errors
    /// When the topic does not take it.
    pub async fn publish(&self, topic: &str, message: &str) -> Result<()> {
        let body = Serializer::new(String::new())
            .append_pair("Action", "Publish")
            .append_pair("Version", "2010-03-31")
            .append_pair("TopicArn", topic)
            .append_pair("Message", message)
            .finish();
        let request = self
            .post("sns", "/")
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(Full::from(body))?;
        self.send("Publish", request).await?;
        Ok(())
    }

    /// Sends a message to a queue.
    ///
    /// # Errors
    /// When the queue does not take it.
    pub async fn send_message(&self, queue: &str, body: &str) -> Result<()> {
        let message = json!({ "QueueUrl": queue, "MessageBody": body });
        self.call("sqs", "AmazonSQS.SendMessage", &message).await?;
        Ok(())
    }

    /// Receives up to ten visible messages of a queue, without waiting.
    ///
    /// # Errors
    /// When the queue does not answer.
    pub async fn receive(&self, queue: &str) -> Result<Vec<Message>> {
        let ask = json!({ "QueueUrl": queue, "MaxNumberOfMessages": 10, "VisibilityTimeout": 120 });
        let answer = self.call("sqs", "AmazonSQS.ReceiveMessage", &ask).await?;
        let messages = answer["Messages"].as_array();
        let text = |message: &Value, key: &str| message[key].as_str().map(str::to_owned);
        let read = |message| {
            Some(Message {
                body: text(message, "Body")?,
                receipt: text(message, "ReceiptHandle")?,
            })
        };
        Ok(messages.into_iter().flatten().filter_map(read).collect())
    }

    /// Receives and deletes every message of a queue.
    ///
    /// # Errors
    /// When the queue does not answer.
    pub async fn drain(&self, queue: &str) -> Result<Vec<String>> {
        let mut bodies = Vec::new();
        loop {
            let messages = self.receive(queue).await?;
            if messages.is_empty() {
                return Ok(bodies);
            }
            for Message { body, receipt } in messages {
                let ask = json!({ "QueueUrl": queue, "ReceiptHandle": receipt });
                self.call("sqs", "AmazonSQS.DeleteMessage", &ask).await?;
                bodies.push(body);
            }
        }
    }

    /// The number of messages in a queue, visible or in flight.
    ///
    /// # Errors
    /// When the queue does not answer.
    pub async fn queue_length(&self, queue: &str) -> Result<usize> {
        let ask = json!({ "QueueUrl": queue, "AttributeNames": ["All"] });
        let answer = self
            .call("sqs", "AmazonSQS.GetQueueAttributes", &ask)
            .await?;
        let count = |name: &str| -> Result<usize> {
            let value = answer["Attributes"][name].as_str();
            Ok(value.with_context(|| format!("no {name}"))?.parse()?)
        };
        Ok(count("ApproximateNumberOfMessages")?
            + count("ApproximateNumberOfMessagesNotVisible")?
            + count("ApproximateNumberOfMessagesDelayed")?)
    }

    /// The values of one attribute, a text, of everything in a table.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn column(&self, table: &str, attribute: &str) -> Result<Vec<String>> {
        let mut values = Vec::new();
        let mut ask = json!({ "TableName": table, "ConsistentRead": true });
        loop {
            let answer = self
                .call("dynamodb", "DynamoDB_20120810.Scan", &ask)
                .await?;
            let items = answer["Items"].as_array();
            let found = items
                .into_iter()
                .flatten()
                .filter_map(|item| item[attribute]["S"].as_str());
            values.extend(found.map(str::to_owned));
            match answer.get("LastEvaluatedKey") {
                Some(key) if !key.is_null() => ask["ExclusiveStartKey"] = key.clone(),
                _ => return Ok(values),
            }
        }
    }

    fn post(&self, service: &str, path: &str) -> http::request::Builder {
        let key = format!("test/20200101/eu-west-1/{service}/aws4_request");
        Request::post(format!("{}{path}", self.endpoint))
            .header("X-Amz-Date", "20200101T000000Z")
            .header(
                "Authorization",
                format!("AWS4-HMAC-SHA256 Credential={key}, SignedHeaders=host, Signature=0"),
            )
    }

    async fn send(&self, what: &str, request: Request<Full<Bytes>>) -> Result<Bytes> {
        let response: Response<Bytes> = self.client.send(request).await?;
        let failed = response.headers().contains_key("x-amz-function-error");
        ensure!(
            response.status().is_success() && !failed,
            "{what} answered {}: {}",
            response.status(),
            String::from_utf8_lossy(response.body())
        );
        Ok(response.into_body())
    }
}
