//! A function that fails, crashes, times out or is not run at all must raise an alarm.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use infra::Template;
use serde_json::{Value, json};

/// The alarms of a template and of the alarm template nested in it, each with what its dimension stands for.
fn alarms(template: &Template) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    let mut add = |alarms: &Template, given: &Value| {
        for (name, alarm) in alarms.resources("AWS::CloudWatch::Alarm") {
            let mut properties = alarm["Properties"].clone();
            let value = properties.pointer_mut("/Dimensions/0/Value");
            if let Some(value) = value
                && let Some(parameter) = value["Ref"].as_str()
                && let Some(argument) = given.get(parameter)
            {
                *value = argument.clone();
            }
            found.push((name.to_owned(), properties));
        }
    };
    add(template, &Value::Null);
    if let Some(nested) = template.at("Resources/Alarms/Properties/Parameters") {
        add(&Template::read("ingestion-alarms.yaml").unwrap(), nested);
    }
    found
}

fn watches(alarms: &[(String, Value)], metric: &str, function: &str) -> bool {
    alarms.iter().any(|(_, alarm)| {
        alarm["Namespace"] == "AWS/Lambda"
            && alarm["MetricName"] == metric
            && alarm["Dimensions"]
                == json!([{ "Name": "FunctionName", "Value": { "Ref": function } }])
    })
}

#[test]
fn every_function_has_an_alarm_for_errors_and_one_for_throttles() {
    let mut functions = BTreeMap::new();
    for template in Template::all().unwrap() {
        let alarms = alarms(&template);
        for (function, _) in template.resources("AWS::Lambda::Function") {
            *functions.entry(template.file.clone()).or_insert(0) += 1;
            let place = format!("{}: {function}", template.file);
            assert!(watches(&alarms, "Throttles", function), "{place}");
            // A token that the authorizer refuses is an error to Lambda.
            if template.file != "authorizer.yaml" {
                assert!(watches(&alarms, "Errors", function), "{place}");
            }
        }
    }
    let all: usize = functions.values().sum();
    assert_eq!(all, 9, "{functions:?}");
}

#[test]
fn the_authorizer_has_an_alarm_for_crashes_that_refused_tokens_do_not_raise() {
    let template = Template::read("authorizer.yaml").unwrap();
    let filter = template.at("Resources/Failures/Properties").unwrap();
    assert_eq!(filter["LogGroupName"], json!({ "Ref": "LogGroup" }));
    let pattern = filter["FilterPattern"].as_str().unwrap();
    for status in ["failure", "timeout"] {
        let term = format!("($.record.status = \"{status}\")");
        assert!(pattern.contains(&term), "{pattern}");
    }
    // What Lambda reports of a function that returned an error, as for each refused token.
    assert!(!pattern.contains("\"error\""), "{pattern}");
    let metric = &filter["MetricTransformations"][0];
    let alarms = alarms(&template);
    let raised = alarms.iter().any(|(_, alarm)| {
        alarm["Namespace"] == metric["MetricNamespace"]
            && alarm["MetricName"] == metric["MetricName"]
    });
    assert!(raised);
}

#[test]
fn every_alarm_is_sent_to_the_topic_if_there_is_one() {
    let expected = json!({
        "Fn::If": ["HasAlarmTopic", [{ "Ref": "AlarmTopicArn" }], { "Ref": "AWS::NoValue" }]
    });
    let mut count = 0;
    for template in Template::all().unwrap() {
        for (name, alarm) in template.resources("AWS::CloudWatch::Alarm") {
            count += 1;
            let properties = &alarm["Properties"];
            assert_eq!(properties["AlarmActions"], expected, "{name}");
            assert_eq!(properties["OKActions"], expected, "{name}");
            assert_eq!(properties["TreatMissingData"], "notBreaching", "{name}");
        }
    }
    // Two for each function, and five for sign-ups that are late or lost.
    assert_eq!(count, 23);
}
