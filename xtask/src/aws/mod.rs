//! What `xtask` knows of AWS, and of MiniStack, which stands in for it on this machine. From the lowest:
//! [`connection`] opens an account or a local cloud, [`functions`] builds and uploads the code of Lambda functions,
//! [`cloudformation`] changes stacks, and [`system`] is the stack of `infra/template.yaml`. What the feature `aws` switches on
//! uses the AWS SDK, and reaches AWS as well as a local cloud.

pub(crate) mod cloudformation;
pub(crate) mod connection;
pub(crate) mod functions;
pub(crate) mod ministack;
pub(crate) mod system;

/// The region of the local cloud.
pub(crate) const LOCAL_REGION: &str = "eu-west-1";
/// The account of the local cloud: that of MiniStack's root key.
pub(crate) const LOCAL_ACCOUNT: &str = "000000000000";
/// That key. MiniStack does not check signatures made with it.
pub(crate) const LOCAL_ACCESS_KEY: &str = "test";
