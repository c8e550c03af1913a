//! `cargo xtask redrive`: moves dead letters of user ingestion back to the queue, once their cause is repaired.

use anyhow::{Context as _, Result};
use aws_sdk_sqs::{Client, types::Message};

use crate::{
    aws::{
        cloudformation::stack::{self, StackClient},
        connection::{options::Connection, refusal::refusal},
    },
    support::report,
};

/// How long a message is hidden from others while it is moved, in seconds. If the command is stopped in between, it is
/// there again after that.
const HIDDEN_SECONDS: i32 = 60;
/// What one request may take at most (AWS: `ReceiveMessage`).
const BATCH: i32 = 10;

/// What to move, and where it is.
#[derive(Debug, clap::Args)]
pub(crate) struct Redrive {
    #[command(flatten)]
    connection: Connection,
    /// Whose dead letters to move
    #[arg(long, value_enum, default_value_t = DeadLetters::Worker)]
    from: DeadLetters,
}

/// Where messages are set aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum DeadLetters {
    /// What the worker could not write
    Worker,
    /// What the topic could not deliver to the queue
    Topic,
}

impl DeadLetters {
    /// The output that names the queue.
    fn output(self) -> &'static str {
        match self {
            Self::Worker => "WorkerDeadLetterQueueUrl",
            Self::Topic => "TopicDeadLetterQueueUrl",
        }
    }
}

impl Redrive {
    /// Moves the messages that are there at the beginning. What comes back meanwhile stays for the next time, so that a
    /// message that keeps failing does not go round for ever.
    ///
    /// # Errors
    /// When the stack has no user ingestion or a queue does not answer. Nothing is lost then: a message is deleted only
    /// after it was sent.
    pub(crate) async fn run(self) -> Result<()> {
        let target = self.connection.open().await?;
        let stack = &self.connection.stack;
        let existing = StackClient::new(&target, stack).describe().await?;
        let existing = existing
            .with_context(|| format!("there is no stack {stack} in {}", target.location.shown()))?;
        let outputs = stack::outputs(&existing);
        let queue = |name: &str| {
            outputs.get(name).with_context(|| {
                format!("the stack {stack} has no output {name}: user ingestion is not part of it")
            })
        };
        let (dead, live) = (queue(self.from.output())?, queue("WorkerQueueUrl")?);
        let client = Client::new(&target.sdk_config);
        let step = report::step(format_args!(
            "Move dead letters to the queue of {}",
            target.location.shown()
        ));
        let moved = move_all(&client, dead, live).await?;
        step.done_with(words(moved));
        Ok(())
    }
}

fn words(moved: usize) -> String {
    match moved {
        0 => "the dead-letter queue is empty".to_owned(),
        1 => "1 message".to_owned(),
        several => format!("{several} messages"),
    }
}

async fn move_all(client: &Client, from: &str, to: &str) -> Result<usize> {
    let waiting = length(client, from).await?;
    let mut moved = 0;
    while moved < waiting {
        let received = client
            .receive_message()
            .queue_url(from)
            .max_number_of_messages(BATCH)
            .visibility_timeout(HIDDEN_SECONDS)
            .message_attribute_names("All")
            // Long polling asks all of the queue's servers; a short poll may miss what is there.
            .wait_time_seconds(1)
            .send()
            .await
            .map_err(|error| refusal("could not read the dead-letter queue", &error))?;
        let messages = received.messages.unwrap_or_default();
        if messages.is_empty() {
            break;
        }
        for message in messages {
            move_one(client, message, from, to).await?;
            moved += 1;
        }
    }
    Ok(moved)
}

/// Sends first and deletes then: twice is harmless, never is not.
async fn move_one(client: &Client, message: Message, from: &str, to: &str) -> Result<()> {
    client
        .send_message()
        .queue_url(to)
        .set_message_body(message.body)
        .set_message_attributes(message.message_attributes)
        .send()
        .await
        .map_err(|error| refusal("could not send a message to the queue", &error))?;
    client
        .delete_message()
        .queue_url(from)
        .set_receipt_handle(message.receipt_handle)
        .send()
        .await
        .map_err(|error| refusal("could not delete a message that was moved", &error))?;
    Ok(())
}

async fn length(client: &Client, queue: &str) -> Result<usize> {
    use aws_sdk_sqs::types::QueueAttributeName::ApproximateNumberOfMessages;
    let answer = client
        .get_queue_attributes()
        .queue_url(queue)
        .attribute_names(ApproximateNumberOfMessages)
        .send()
        .await
        .map_err(|error| refusal("could not look at the dead-letter queue", &error))?;
    let attributes = answer.attributes.unwrap_or_default();
    let count = attributes.get(&ApproximateNumberOfMessages);
    count
        .and_then(|count| count.parse().ok())
        .context("SQS does not report how many messages there are")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_how_many_were_moved() {
        assert_eq!(words(0), "the dead-letter queue is empty");
        assert_eq!(words(1), "1 message");
        assert_eq!(words(2), "2 messages");
    }
}
