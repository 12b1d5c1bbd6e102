//! Defaults and validation of Services that need no state.

use serde_json::{Value, json};

use crate::cluster::embedded::kinds::json::{is_blank, list_at, object_at, set_default, text};
use crate::cluster::embedded::kinds::strategy::Strategy;
use crate::cluster::embedded::schema::meta::NameRule;
use crate::cluster::embedded::status::Cause;

/// The rules of Service.
pub(in crate::cluster::embedded::kinds) const STRATEGY: Strategy = Strategy {
    name: NameRule::Label1035,
    create_on_update: true,
    returns_deleted: true,
    selectable: &["spec.clusterIP", "spec.type"],
    default,
    prepare,
    validate,
    ..Strategy::PLAIN
};

const TYPES: &[&str] = &["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];

fn default(object: &mut Value) {
    for port in list_at(object, &["spec", "ports"]).filter_map(Value::as_object_mut) {
        set_default(port, "protocol", "TCP");
        if let Some(number) = port.get("port").cloned() {
            let unset = port.get("targetPort").is_none_or(|target| {
                target.is_null() || *target == json!(0) || *target == json!("")
            });
            if unset {
                port.insert("targetPort".into(), number);
            }
        }
    }
    let Some(spec) = object_at(object, &["spec"]) else {
        return;
    };
    set_default(spec, "sessionAffinity", "None");
    set_default(spec, "type", "ClusterIP");
    if spec["sessionAffinity"] == "ClientIP" {
        let timeout = json!({ "clientIP": { "timeoutSeconds": 10800 } });
        set_default(spec, "sessionAffinityConfig", timeout);
    }
    let service_type = spec["type"].as_str().unwrap_or_default().to_owned();
    if service_type != "ExternalName" {
        set_default(spec, "internalTrafficPolicy", "Cluster");
    }
    if matches!(service_type.as_str(), "NodePort" | "LoadBalancer") {
        set_default(spec, "externalTrafficPolicy", "Cluster");
    }
    if service_type == "LoadBalancer" {
        set_default(spec, "allocateLoadBalancerNodePorts", true);
    }
}

fn prepare(object: &mut Value, old: Option<&Value>) {
    if old.is_none() {
        object["status"] = json!({ "loadBalancer": {} });
    }
}

fn validate(object: &Value, _: Option<&Value>, causes: &mut Vec<Cause>) {
    let spec = &object["spec"];
    let service_type = text(spec, &["type"]);
    if !TYPES.contains(&service_type) {
        causes.push(Cause::not_supported("spec.type", &spec["type"], TYPES));
    }
    let affinity = text(spec, &["sessionAffinity"]);
    if !["ClientIP", "None"].contains(&affinity) {
        let field = "spec.sessionAffinity";
        causes.push(Cause::not_supported(
            field,
            &spec["sessionAffinity"],
            &["ClientIP", "None"],
        ));
    }
    let headless = text(spec, &["clusterIP"]) == "None";
    if service_type == "ExternalName" {
        if is_blank(spec.get("externalName")) {
            causes.push(Cause::required("spec.externalName", ""));
        }
    } else if !headless && is_blank(spec.get("ports")) {
        causes.push(Cause::required("spec.ports", ""));
    }
    if headless && matches!(service_type, "NodePort" | "LoadBalancer") {
        let why = format!("may not be set to 'None' for {service_type} services");
        causes.push(Cause::invalid(
            "spec.clusterIPs[0]",
            &spec["clusterIP"],
            &why,
        ));
    }
    validate_ports(spec, causes);
}

fn validate_ports(spec: &Value, causes: &mut Vec<Cause>) {
    let empty = Vec::new();
    let ports = spec["ports"].as_array().unwrap_or(&empty);
    let mut names: Vec<&str> = Vec::new();
    let mut numbers: Vec<(&Value, &Value)> = Vec::new();
    for (index, port) in ports.iter().enumerate() {
        let field = format!("spec.ports[{index}]");
        let name = text(port, &["name"]);
        if name.is_empty() && ports.len() > 1 {
            causes.push(Cause::required(format!("{field}.name"), ""));
        } else if !name.is_empty() && names.contains(&name) {
            causes.push(Cause::duplicate(format!("{field}.name"), &port["name"]));
        }
        names.push(name);
        let why = "must be between 1 and 65535, inclusive";
        if !port["port"]
            .as_i64()
            .is_some_and(|number| (1..=65_535).contains(&number))
        {
            causes.push(Cause::invalid(format!("{field}.port"), &port["port"], why));
        }
        let target = &port["targetPort"];
        if target
            .as_i64()
            .is_some_and(|number| !(1..=65_535).contains(&number))
        {
            causes.push(Cause::invalid(format!("{field}.targetPort"), target, why));
        }
        let protocols = ["SCTP", "TCP", "UDP"];
        if !protocols.contains(&text(port, &["protocol"])) {
            let field = format!("{field}.protocol");
            causes.push(Cause::not_supported(field, &port["protocol"], &protocols));
        }
        let number = (&port["protocol"], &port["port"]);
        if numbers.contains(&number) {
            causes.push(Cause::duplicate(field, port));
        }
        numbers.push(number);
    }
}
