//! The templates and the one place that renders them.
//!
//! Two settings matter: nothing is escaped (the default would escape quotes for HTML), and a variable that
//! is missing is an error instead of an empty text. Texts from the plan are written with the helper `quote`,
//! whose output means the same to YAML 1.1, YAML 1.2, TOML and JSON.

use std::{collections::BTreeMap, fmt::Write as _, sync::LazyLock};

use handlebars::{
    Context, Handlebars, Helper, HelperResult, Output, RenderContext, RenderError,
    RenderErrorReason, no_escape,
};
use serde::Serialize;

use super::GenerateError;
use crate::nearest::nearest;

/// kind's cluster document.
pub(super) const KIND_CLUSTER: &str = "kind/cluster.yaml";
/// How containerd reaches one registry.
pub(super) const HOSTS_TOML: &str = "kind/hosts.toml";
/// The plain-routing CNI configuration.
pub(super) const PTP_CONFLIST: &str = "cni/ptp.conflist";
/// The script that connects the pods of all nodes by plain routing.
pub(super) const PTP_SCRIPT: &str = "cni/ptp.sh";
/// The configuration of CoreDNS.
pub(super) const COREDNS: &str = "coredns/coredns.yaml";
/// How to get from the files to a cluster.
pub(super) const README: &str = "readme/README.md";
/// A Shoot.
pub(super) const SHOOT: &str = "garden/shoot.yaml";
/// A Seed.
pub(super) const SEED: &str = "garden/seed.yaml";
/// A Network.
pub(super) const NETWORK: &str = "garden/network.yaml";

/// What a template file is called beyond the name of the template.
pub const SUFFIX: &str = ".hbs";

macro_rules! embedded {
    ($($name:expr => $file:literal),+ $(,)?) => {
        &[$(($name, include_str!(concat!("../../templates/", $file)))),+]
    };
}

const EMBEDDED: &[(&str, &str)] = embedded![
    KIND_CLUSTER => "kind/cluster.yaml.hbs",
    HOSTS_TOML => "kind/hosts.toml.hbs",
    PTP_CONFLIST => "cni/ptp.conflist.hbs",
    PTP_SCRIPT => "cni/ptp.sh.hbs",
    COREDNS => "coredns/coredns.yaml.hbs",
    README => "readme/README.md.hbs",
    SHOOT => "garden/shoot.yaml.hbs",
    SEED => "garden/seed.yaml.hbs",
    NETWORK => "garden/network.yaml.hbs",
];

static OF_THE_PROGRAM: LazyLock<Templates> = LazyLock::new(|| {
    Templates::with_overrides(BTreeMap::new())
        .expect("invariant: embedded templates are well-formed, a test renders each of them")
});

/// The helper `quote`.
fn quote(
    helper: &Helper<'_>,
    _: &Handlebars<'_>,
    _: &Context,
    _: &mut RenderContext<'_, '_>,
    out: &mut dyn Output,
) -> HelperResult {
    let name = || Some(helper.param(0)?.relative_path()?.clone());
    let text = helper.param(0).and_then(|param| param.value().as_str());
    let text = text.ok_or_else(|| RenderErrorReason::MissingVariable(name()))?;
    Ok(out.write(&quoted(text))?)
}

/// A set of templates: those of the program, some of them replaced.
#[derive(Debug)]
pub struct Templates(Handlebars<'static>);

impl Templates {
    /// The templates of the program.
    pub fn embedded() -> &'static Self {
        &OF_THE_PROGRAM
    }

    /// Name and text of every template of the program.
    pub const fn sources() -> &'static [(&'static str, &'static str)] {
        EMBEDDED
    }

    /// The templates of the program, with those of `overrides` in their place, by name.
    ///
    /// # Errors
    ///
    /// [`GenerateError::UnknownTemplate`] for a name that the program does not use, and
    /// [`GenerateError::Template`] for a text that is no template.
    pub fn with_overrides(overrides: BTreeMap<String, String>) -> Result<Self, GenerateError> {
        let mut registry = Handlebars::new();
        registry.register_escape_fn(no_escape);
        registry.set_strict_mode(true);
        registry.register_helper("quote", Box::new(quote));
        let own = EMBEDDED
            .iter()
            .map(|&(name, text)| (name.to_owned(), text.to_owned()));
        for (name, text) in own.chain(overrides) {
            let names = || EMBEDDED.iter().map(|(name, _)| (*name).to_owned());
            if !names().any(|known| known == name) {
                return Err(GenerateError::UnknownTemplate {
                    nearest: nearest(&name, names()),
                    name,
                });
            }
            registry
                .register_template_string(&name, text)
                .map_err(|error| malformed(name, &error))?;
        }
        Ok(Self(registry))
    }

    /// Renders one template.
    pub(super) fn render(
        &self,
        template: &'static str,
        data: &impl Serialize,
    ) -> Result<String, GenerateError> {
        self.0
            .render(template, data)
            .map_err(|error| unrenderable(template, &error))
    }
}

fn malformed(template: String, error: &handlebars::TemplateError) -> GenerateError {
    GenerateError::Template {
        template,
        position: error.pos(),
        message: error.reason().to_string(),
    }
}

fn unrenderable(template: &str, error: &RenderError) -> GenerateError {
    let message = match error.reason() {
        RenderErrorReason::MissingVariable(Some(name)) => {
            format!("the plan has nothing called `{name}`")
        }
        other => other.to_string(),
    };
    GenerateError::Template {
        template: template.to_owned(),
        position: error.line_no.zip(error.column_no),
        message,
    }
}

/// A text in double quotes. Only ASCII is written as it is: a YAML 1.1 reader folds lines at separators that
/// a YAML 1.2 reader takes for letters.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        let code = u32::from(character);
        let written = match character {
            '"' | '\\' => write!(quoted, "\\{character}"),
            ' '..='~' => write!(quoted, "{character}"),
            _ if code <= 0xffff => write!(quoted, "\\u{code:04x}"),
            _ => write!(quoted, "\\U{code:08x}"),
        };
        written.expect("invariant: a string takes everything");
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_missing_variable_is_an_error_with_its_place() {
        let error = Templates::embedded()
            .render(HOSTS_TOML, &json!({"server": "x"}))
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "template kind/hosts.toml:5:7: the plan has nothing called `url`"
        );
    }

    #[test]
    fn a_replaced_template_is_used() {
        let overrides = BTreeMap::from([(HOSTS_TOML.to_owned(), "{{url}} <&>".to_owned())]);
        let templates = Templates::with_overrides(overrides).unwrap();
        let text = templates
            .render(HOSTS_TOML, &json!({"url": "a&b\"c"}))
            .unwrap();
        assert_eq!(text, "a&b\"c <&>");
    }

    #[test]
    fn an_unknown_or_broken_template_is_refused() {
        let with = |name: &str, text: &str| {
            Templates::with_overrides(BTreeMap::from([(name.to_owned(), text.to_owned())]))
                .unwrap_err()
                .to_string()
        };
        let unknown = with("kind/host.toml", "");
        let expected = "there is no template `kind/host.toml`, did you mean `kind/hosts.toml`";
        assert!(unknown.starts_with(expected), "{unknown}");
        let broken = with(HOSTS_TOML, "a\n{{#if x}}");
        assert!(
            broken.starts_with("template kind/hosts.toml:2:"),
            "{broken}"
        );
    }

    proptest! {
        #[test]
        fn a_quoted_text_reads_back_as_it_was(text in "\\PC{0,20}|[\\x00-\\x20\u{7f}-\u{a0}\u{2028}\u{feff}\"\\\\:]{0,8}") {
            let yaml: Value = crate::yaml::parse(&format!("a: {}\n", quoted(&text)), "test").unwrap();
            prop_assert_eq!(yaml["a"].as_str(), Some(text.as_str()));
            let toml: toml::Table = format!("a = {}\n", quoted(&text)).parse().unwrap();
            prop_assert_eq!(toml["a"].as_str(), Some(text.as_str()));
        }
    }
}
