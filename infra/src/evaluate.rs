//! Evaluates the functions of a template, as far as the templates here use them for text.

use std::collections::HashMap;

use serde_json::Value;

/// The values that a template's functions refer to. `AWS::NoValue` is `null`, and an item that is `null` is not joined.
#[derive(Debug, Clone, Default)]
pub struct Scope<'a> {
    /// What `Ref`, and a name in `Fn::Sub`, stands for: parameters and pseudo parameters such as `AWS::StackName`.
    pub values: HashMap<&'a str, String>,
    /// Which conditions are true. A condition without an entry is an error.
    pub conditions: HashMap<&'a str, bool>,
}

/// Why an expression has no value.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum EvaluateError {
    /// The scope has no value of that name.
    #[error("no value is given for {0}")]
    Unknown(String),
    /// The expression uses a function that is not implemented here, or uses one in another form.
    #[error("cannot evaluate {0}")]
    Unsupported(String),
}

impl Scope<'_> {
    /// The text that `expression` stands for.
    ///
    /// # Errors
    /// When a name is unknown, or when the expression is not text.
    pub fn text(&self, expression: &Value) -> Result<String, EvaluateError> {
        match self.evaluate(expression)? {
            Value::String(text) => Ok(text),
            Value::Number(number) => Ok(number.to_string()),
            other => Err(EvaluateError::Unsupported(other.to_string())),
        }
    }

    /// The value that `expression` stands for. Only functions at its top and in their arguments are evaluated.
    ///
    /// # Errors
    /// When a name is unknown, or when a function is not one of `Ref`, `Fn::Sub`, `Fn::If`, `Fn::Join`, `Fn::Split` and
    /// `Fn::Select`.
    pub fn evaluate(&self, expression: &Value) -> Result<Value, EvaluateError> {
        let unsupported = || EvaluateError::Unsupported(expression.to_string());
        let Some((function, argument)) = function(expression) else {
            return Ok(expression.clone());
        };
        let arguments = argument.as_array().map(Vec::as_slice);
        match (function, arguments) {
            ("Ref", None) if argument == "AWS::NoValue" => Ok(Value::Null),
            ("Ref", None) => self.value(argument.as_str().ok_or_else(unsupported)?),
            ("Fn::Sub", None) => self.substitute(argument.as_str().ok_or_else(unsupported)?),
            ("Fn::Sub", Some([Value::String(text), Value::Object(values)])) => {
                let mut inner = self.clone();
                for (name, value) in values {
                    inner.values.insert(name, self.text(value)?);
                }
                inner.substitute(text)
            }
            ("Fn::If", Some([condition, then, otherwise])) => {
                let condition = condition.as_str().ok_or_else(unsupported)?;
                let holds = self.conditions.get(condition);
                let holds = *holds.ok_or_else(|| EvaluateError::Unknown(condition.to_owned()))?;
                self.evaluate(if holds { then } else { otherwise })
            }
            ("Fn::Join", Some([Value::String(separator), list])) => {
                let items = self.list(list)?;
                let items = items.iter().map(|item| self.evaluate(item));
                let mut items = items.collect::<Result<Vec<_>, _>>()?;
                items.retain(|item| !item.is_null());
                let texts = items.iter().map(|item| self.text(item));
                Ok(texts.collect::<Result<Vec<_>, _>>()?.join(separator).into())
            }
            ("Fn::Split", Some([Value::String(separator), text])) => {
                let text = self.text(text)?;
                Ok(text.split(separator.as_str()).map(Value::from).collect())
            }
            ("Fn::Select", Some([index, list])) => {
                let index = self.text(index)?.parse::<usize>();
                let mut items = self.list(list)?;
                let index = index.ok().filter(|&index| index < items.len());
                self.evaluate(&items.swap_remove(index.ok_or_else(unsupported)?))
            }
            _ => Err(unsupported()),
        }
    }

    fn list(&self, expression: &Value) -> Result<Vec<Value>, EvaluateError> {
        match self.evaluate(expression)? {
            Value::Array(items) => Ok(items),
            other => Err(EvaluateError::Unsupported(other.to_string())),
        }
    }

    fn value(&self, name: &str) -> Result<Value, EvaluateError> {
        let value = self.values.get(name);
        let value = value.ok_or_else(|| EvaluateError::Unknown(name.to_owned()))?;
        Ok(value.as_str().into())
    }

    fn substitute(&self, text: &str) -> Result<Value, EvaluateError> {
        let mut substituted = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) = after
                .split_once('}')
                .ok_or_else(|| EvaluateError::Unsupported(text.to_owned()))?;
            substituted.push_str(before);
            substituted.push_str(&self.text(&self.value(name)?)?);
            rest = after;
        }
        substituted.push_str(rest);
        Ok(substituted.into())
    }
}

/// The name and the argument of a function: an object whose only key is `Ref` or begins with `Fn::`.
fn function(expression: &Value) -> Option<(&str, &Value)> {
    let object = expression.as_object().filter(|object| object.len() == 1)?;
    let (name, argument) = object.iter().next()?;
    (name == "Ref" || name.starts_with("Fn::")).then_some((name.as_str(), argument))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn evaluates_the_functions_that_make_text() {
        let scope = Scope {
            values: HashMap::from([("Name", "a/b".to_owned())]),
            conditions: HashMap::from([("Has", true)]),
        };
        let text = |expression| scope.text(&expression).unwrap();
        assert_eq!(text(json!({ "Ref": "Name" })), "a/b");
        assert_eq!(text(json!({ "Fn::Sub": "<${Name}>" })), "<a/b>");
        let split = json!({ "Fn::Split": ["/", { "Ref": "Name" }] });
        assert_eq!(text(json!({ "Fn::Select": [1, split] })), "b");
        assert_eq!(text(json!({ "Fn::Join": ["-", split] })), "a-b");
        assert_eq!(text(json!({ "Fn::If": ["Has", "yes", "no"] })), "yes");
        let inner = json!({ "Fn::Sub": ["${Name}${More}", { "More": { "Ref": "Name" } }] });
        assert_eq!(text(inner), "a/ba/b");
        let list = json!(["a", { "Ref": "AWS::NoValue" }, "b"]);
        assert_eq!(text(json!({ "Fn::Join": [",", list] })), "a,b");
    }

    #[test]
    fn reports_what_it_cannot_evaluate() {
        let scope = Scope::default();
        let error = |expression| scope.text(&expression).unwrap_err();
        let unknown = EvaluateError::Unknown("Name".to_owned());
        assert_eq!(error(json!({ "Ref": "Name" })), unknown);
        assert_eq!(error(json!({ "Fn::Sub": "${Name}" })), unknown);
        for unsupported in [
            json!({ "Fn::Select": [2, ["one"]] }),
            json!({ "Fn::Cidr": [] }),
        ] {
            assert!(matches!(error(unsupported), EvaluateError::Unsupported(_)));
        }
    }
}
