//! What a type parameter is where nobody says: the one part of a promise that cargo-public-api does not list.

use serde_json::Value;

/// A line for each, such as `default auth_x::Given T = hyper::Uri`, of what rustdoc describes.
pub(super) fn defaults(description: &str) -> Result<Vec<String>, String> {
    let description: Value = serde_json::from_str(description)
        .map_err(|error| format!("rustdoc's description can't be read: {error}"))?;
    let items = description["index"].as_object();
    let mut lines = Vec::new();
    for (id, item) in items.into_iter().flatten() {
        // Of others it describes what ours are seen with.
        if item["crate_id"] != 0 {
            continue;
        }
        let kinds = item["inner"].as_object();
        let generics = kinds
            .into_iter()
            .flatten()
            .map(|(_, kind)| &kind["generics"]);
        let parameters = generics.filter_map(|generics| generics["params"].as_array());
        for parameter in parameters.flatten() {
            let default = &parameter["kind"]["type"]["default"];
            if !default.is_null() {
                let name = parameter["name"].as_str().unwrap_or_default();
                let (of, is) = (path(id, &description), named(default, &description));
                lines.push(format!("default {of} {name} = {is}"));
            }
        }
    }
    lines.sort();
    Ok(lines)
}

/// All types that a type names, as whose they are.
fn named(kind: &Value, description: &Value) -> String {
    let mut names = Vec::new();
    if let Value::Object(members) = kind {
        for (member, inner) in members {
            match (member.as_str(), inner) {
                ("primitive" | "generic", Value::String(name)) => names.push(name.clone()),
                ("id", Value::Number(id)) => names.push(path(&id.to_string(), description)),
                _ => names.push(named(inner, description)),
            }
        }
    }
    if let Value::Array(items) = kind {
        names.extend(items.iter().map(|inner| named(inner, description)));
    }
    names.retain(|name| !name.is_empty());
    names.join(" ")
}

fn path(id: &str, description: &Value) -> String {
    let parts = description["paths"][id]["path"].as_array();
    let parts = parts.into_iter().flatten().filter_map(Value::as_str);
    parts.collect::<Vec<_>>().join("::")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_parameter_is_where_nobody_says_is_promised_with_all_that_it_names() {
        let description = r#"{
            "index": {
                "1": {"crate_id": 0, "inner": {"struct": {"generics": {"params": [
                    {"name": "T", "kind": {"type": {"default": {"resolved_path": {"path": "Vec", "id": 3, "args":
                        {"angle_bracketed": {"args": [{"type": {"resolved_path": {"path": "Uri", "id": 4}}}]}}}}}}},
                    {"name": "U", "kind": {"type": {"default": null}}}
                ]}}}},
                "2": {"crate_id": 7, "inner": {"struct": {"generics": {"params": [
                    {"name": "T", "kind": {"type": {"default": {"primitive": "u8"}}}}
                ]}}}},
                "5": {"crate_id": 0, "inner": {"module": {}}}
            },
            "paths": {
                "1": {"path": ["auth_x", "Given"]}, "3": {"path": ["alloc", "vec", "Vec"]}, "4": {"path": ["hyper", "Uri"]}
            }
        }"#;
        let lines = defaults(description).unwrap();
        assert_eq!(lines.len(), 1);
        assert_eq!(
            lines[0],
            "default auth_x::Given T = hyper::Uri alloc::vec::Vec"
        );
        assert!(defaults("<html>").is_err());
    }
}
