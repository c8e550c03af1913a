//! What a caller, a visitor or a burst can use up.

use infra::Template;
use serde_json::json;

/// A new AWS account has 10 concurrent executions for all of its functions.
#[test]
fn a_burst_of_sign_ups_leaves_executions_to_the_other_functions() {
    let template = Template::read("ingestion.yaml").unwrap();
    let most = template
        .at("Resources/UsersWorkerSource/Properties/ScalingConfig/MaximumConcurrency")
        .and_then(serde_json::Value::as_u64)
        .unwrap();
    assert!((2..=5).contains(&most), "{most}");
}

/// Reserving any would fail in such an account: 100 must stay unreserved, or all of them.
#[test]
fn no_function_reserves_concurrency() {
    for template in Template::all().unwrap() {
        for (name, function) in template.resources("AWS::Lambda::Function") {
            let reserved = function["Properties"].get("ReservedConcurrentExecutions");
            assert_eq!(reserved, None, "{}: {name}", template.file);
        }
    }
}

/// A preflight carries no API key, and a key set is public: a usage plan limits neither.
#[test]
fn every_stage_limits_each_of_its_methods() {
    let mut stages = 0;
    for template in Template::all().unwrap() {
        for (name, stage) in template.resources("AWS::ApiGateway::Stage") {
            stages += 1;
            let settings = stage["Properties"]["MethodSettings"].as_array();
            let limits = settings.into_iter().flatten().any(|setting| {
                setting["ResourcePath"] == "/*"
                    && setting["HttpMethod"] == "*"
                    && setting.get("ThrottlingRateLimit").is_some()
                    && setting.get("ThrottlingBurstLimit").is_some()
            });
            assert!(limits, "{}: {name}", template.file);
        }
    }
    assert_eq!(stages, 2);
}

/// The key is in every visitor's browser: with a quota, one visitor could use up the day of all others.
#[test]
fn the_public_api_key_has_no_quota_by_default() {
    let template = Template::read("template.yaml").unwrap();
    assert_eq!(
        template.at("Parameters/UsageQuotaPerDay/Default"),
        Some(&json!(0))
    );
    let access = Template::read("access.yaml").unwrap();
    let quota = access.at("Resources/UsagePlan/Properties/Quota").unwrap();
    assert_eq!(
        access.at("Conditions/HasUsageQuota"),
        Some(&json!({ "Fn::Not": [{ "Fn::Equals": [{ "Ref": "UsageQuotaPerDay" }, 0] }] }))
    );
    assert_eq!(quota["Fn::If"][0], "HasUsageQuota");
    assert_eq!(quota["Fn::If"][2], json!({ "Ref": "AWS::NoValue" }));
}
