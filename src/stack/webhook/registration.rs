//! The webhook configurations that make the API server ask.

use k8s_openapi::{
    ByteString,
    api::admissionregistration::v1::{
        MutatingWebhook, MutatingWebhookConfiguration, RuleWithOperations, ServiceReference,
        ValidatingWebhook, ValidatingWebhookConfiguration, WebhookClientConfig,
    },
};
use kube::{
    Api, Client,
    api::{ObjectMeta, Patch, PatchParams},
};

use crate::stack::{error::StackError, names::FIELD_MANAGER, options::WebhookOptions};

/// The name of both configurations.
pub(super) const NAME: &str = "garden6";
const WEBHOOK: &str = "admission.garden6.dev";
/// An API server gives up long before its own clients do.
const TIMEOUT_SECONDS: i32 = 10;

/// Where defaults are filled in and rules are checked.
pub(super) const MUTATE: &str = "/mutate";
/// Where rules are checked again.
pub(super) const VALIDATE: &str = "/validate";

/// Makes the API server ask the webhook, with a bundle of authorities to recognise it.
pub(super) async fn register(
    client: &Client,
    options: &WebhookOptions,
    bundle: &str,
) -> Result<(), StackError> {
    let params = PatchParams::apply(FIELD_MANAGER).force();
    let metadata = || ObjectMeta {
        name: Some(NAME.to_owned()),
        ..ObjectMeta::default()
    };
    let mutating = MutatingWebhookConfiguration {
        metadata: metadata(),
        webhooks: Some(vec![MutatingWebhook {
            name: WEBHOOK.to_owned(),
            client_config: client_config(options, MUTATE, bundle),
            rules: Some(rules()),
            failure_policy: Some("Fail".to_owned()),
            side_effects: "None".to_owned(),
            admission_review_versions: vec!["v1".to_owned()],
            timeout_seconds: Some(TIMEOUT_SECONDS),
            ..MutatingWebhook::default()
        }]),
    };
    let api: Api<MutatingWebhookConfiguration> = Api::all(client.clone());
    api.patch(NAME, &params, &Patch::Apply(&mutating))
        .await
        .map_err(StackError::api("apply the mutating webhook configuration"))?;
    let validating = ValidatingWebhookConfiguration {
        metadata: metadata(),
        webhooks: Some(vec![ValidatingWebhook {
            name: WEBHOOK.to_owned(),
            client_config: client_config(options, VALIDATE, bundle),
            rules: Some(rules()),
            failure_policy: Some("Fail".to_owned()),
            side_effects: "None".to_owned(),
            admission_review_versions: vec!["v1".to_owned()],
            timeout_seconds: Some(TIMEOUT_SECONDS),
            ..ValidatingWebhook::default()
        }]),
    };
    let api: Api<ValidatingWebhookConfiguration> = Api::all(client.clone());
    api.patch(NAME, &params, &Patch::Apply(&validating))
        .await
        .map_err(StackError::api(
            "apply the validating webhook configuration",
        ))?;
    Ok(())
}

fn client_config(options: &WebhookOptions, path: &str, bundle: &str) -> WebhookClientConfig {
    WebhookClientConfig {
        ca_bundle: Some(ByteString(bundle.as_bytes().to_vec())),
        service: Some(ServiceReference {
            name: options.service.clone(),
            namespace: options.namespace.clone(),
            path: Some(path.to_owned()),
            port: Some(443),
        }),
        url: None,
    }
}

/// What is asked about: every kind with rules. The mutating webhook is asked about the same, so
/// that the rules answer before the schema does, field by field and with what to do about it.
fn rules() -> Vec<RuleWithOperations> {
    vec![
        rule(
            "core.gardener.cloud",
            "v1beta1",
            &["shoots", "shoots/status", "seeds"],
        ),
        rule(
            "extensions.gardener.cloud",
            "v1alpha1",
            &["networks", "dnsrecords"],
        ),
    ]
}

fn rule(group: &str, version: &str, resources: &[&str]) -> RuleWithOperations {
    let words = |list: &[&str]| Some(list.iter().map(|&word| word.to_owned()).collect());
    RuleWithOperations {
        api_groups: words(&[group]),
        api_versions: words(&[version]),
        operations: words(&["CREATE", "UPDATE"]),
        resources: words(resources),
        scope: Some("*".to_owned()),
    }
}
