//! From objects to what is wrong with them. Pure.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::{
    input::{Manifest, Manifests},
    title,
};
use crate::{
    api::core::Seed,
    nearest, parallel,
    stack::admission::{Finding, Judge, Refused, Write},
    ui::Style,
    yaml::Place,
};

/// Where clients put objects that name no namespace.
const NAMESPACE: &str = "default";

/// Objects to check, and what they are checked against.
pub(super) struct Batch<'a> {
    pub(super) judge: &'a Judge,
    pub(super) manifests: &'a Manifests,
    pub(super) olds: &'a [Value],
    /// The Seeds to judge Shoots with; those among the objects if nothing is said.
    pub(super) seeds: Option<&'a [Seed]>,
    pub(super) strict: bool,
}

/// One error with its place.
pub(super) struct Entry {
    pub(super) finding: Finding,
    pub(super) file: String,
    pub(super) place: Place,
    pub(super) object: String,
}

/// What came out.
#[derive(Default)]
pub(super) struct Report {
    pub(super) entries: Vec<Entry>,
    /// How many objects were given, readable or not.
    pub(super) given: usize,
    /// How many objects were checked.
    pub(super) checked: usize,
    /// How many of them, and of the unreadable ones, have errors.
    pub(super) refused: usize,
    /// How many of them replace an old one.
    pub(super) updates: usize,
    /// Objects of kinds without rules, with what their kind may have been meant to be.
    pub(super) unchecked: Vec<(String, Vec<String>)>,
    unknown_seeds: Vec<(String, String)>,
}

impl Batch<'_> {
    /// Checks all objects.
    pub(super) fn check(&self) -> Report {
        let mut report = Report {
            given: self.manifests.objects.len() + self.manifests.errors.len(),
            ..Report::default()
        };
        let known = Known::of(self);
        for part in parallel::in_parts(&self.manifests.objects, |part| self.part(part, &known)) {
            report.add(part);
        }
        for error in &self.manifests.errors {
            let (line, column) = error.position.unwrap_or((1, 1));
            let detail = format!(
                "{}; nothing after this place was read, correct the syntax",
                error.message
            );
            report.refused += 1;
            report.entries.push(Entry {
                finding: Finding::of_decoder("Malformed", "", detail),
                file: error.origin.clone(),
                place: Place {
                    line,
                    column,
                    length: 1,
                },
                object: "document".to_owned(),
            });
        }
        report
    }

    fn part(&self, manifests: &[Manifest], known: &Known<'_>) -> Report {
        let mut report = Report::default();
        for manifest in manifests {
            let findings = self.findings(manifest, known, &mut report);
            report.refused += usize::from(!findings.is_empty());
            for finding in findings {
                report.entries.push(Entry {
                    place: place(manifest, &finding),
                    finding,
                    file: manifest.file.clone(),
                    object: title(&manifest.value),
                });
            }
        }
        report
    }

    fn findings(
        &self,
        manifest: &Manifest,
        known: &Known<'_>,
        report: &mut Report,
    ) -> Vec<Finding> {
        let object = &manifest.value;
        if let Some(finding) = untyped(object) {
            return vec![finding];
        }
        if Judge::kind_of(object).is_none() {
            let finding = Self::other_version(object);
            if finding.is_none() {
                report.unchecked.push((title(object), Self::meant(object)));
            }
            return finding.into_iter().collect();
        }
        report.checked += 1;
        if !manifest.duplicates.is_empty() {
            let twice = |(path, _): &(String, Place)| {
                let detail = format!("strict decoding error: duplicate field {path:?}; remove one");
                Finding::of_decoder("DuplicateField", path, detail)
            };
            return manifest.duplicates.iter().map(twice).collect();
        }
        let old = self.old(object, known);
        report.updates += usize::from(old.is_some());
        let (seed, assigned) = self.seed(object, known, report);
        let with_seed = |object: &Value| {
            let mut object = object.clone();
            if let Some(name) = &assigned {
                object["spec"]["seedName"] = name.as_str().into();
            }
            object
        };
        let (object, old) = (with_seed(object), old.map(with_seed));
        let write = Write {
            object: &object,
            old: old.as_ref(),
            seed: seed.as_ref(),
        };
        match self.judge.answer(&write) {
            Ok(stored) if self.strict => self.judge.doubts(&stored),
            Ok(_) => Vec::new(),
            Err(Refused { findings, .. }) => findings,
        }
    }

    /// The error of a kind that is known in another version only.
    fn other_version(object: &Value) -> Option<Finding> {
        let api_version = object["apiVersion"].as_str()?;
        let group = api_version.split('/').next()?;
        let kinds = Judge::kinds().iter();
        let versions: Vec<String> = kinds
            .filter(|kind| kind.group == group && object["kind"] == kind.kind.as_str())
            .map(|kind| kind.api_version())
            .collect();
        (!versions.is_empty()).then(|| Finding {
            value: Some(api_version.into()),
            type_: "NotSupported".to_owned(),
            ..Finding::of_decoder(
                "NotSupported",
                "apiVersion",
                format!(
                    "no matches for kind {} in version {api_version:?}; use {}",
                    object["kind"],
                    versions.join(" or ")
                ),
            )
        })
    }

    /// Kinds that look like that of the object, in its group.
    fn meant(object: &Value) -> Vec<String> {
        let kind = object["kind"].as_str().unwrap_or_default();
        let known = Judge::kinds().iter().filter(|known| {
            object["apiVersion"]
                .as_str()
                .is_some_and(|version| version.starts_with(&known.group))
        });
        nearest::nearest(kind, known.map(|known| known.kind.clone()))
    }

    /// The object that is replaced: the one of the same name, or the only one where only one
    /// object is given.
    fn old<'a>(&'a self, object: &Value, known: &Known<'a>) -> Option<&'a Value> {
        let same = known.olds.get(&key(object)).copied();
        let only = match (self.olds, self.manifests.objects.as_slice()) {
            ([old], [_]) if old["kind"] == object["kind"] => Some(old),
            _ => None,
        };
        same.or(only)
    }

    /// The Seed that a Shoot is judged with, and its name where the Shoot does not say it.
    fn seed(
        &self,
        object: &Value,
        known: &Known<'_>,
        report: &mut Report,
    ) -> (Option<Seed>, Option<String>) {
        if object["kind"] != "Shoot" || !object["spec"].is_object() {
            return (None, None);
        }
        let wanted = object["spec"]["seedName"].as_str();
        let name_of = |seed: &Seed| seed.metadata.name.clone().unwrap_or_default();
        let found = match (self.seeds, wanted) {
            // A Shoot without a Seed is judged as if it were assigned to the only one given.
            (Some([seed]), None) => return (Some(seed.clone()), Some(name_of(seed))),
            (_, None) => return (None, None),
            (Some(seeds), Some(wanted)) => {
                seeds.iter().find(|seed| name_of(seed) == wanted).cloned()
            }
            (None, Some(wanted)) => known.seeds.get(wanted).cloned(),
        };
        if let (None, Some(wanted)) = (&found, wanted) {
            report
                .unknown_seeds
                .push((title(object), wanted.to_owned()));
        }
        (found, None)
    }
}

/// What objects are looked up in: the first of a key counts.
struct Known<'a> {
    olds: HashMap<[&'a str; 4], &'a Value>,
    /// The Seeds among the objects, as far as they can be read.
    seeds: HashMap<&'a str, Seed>,
}

impl<'a> Known<'a> {
    fn of(batch: &Batch<'a>) -> Self {
        let mut olds = HashMap::new();
        for old in batch.olds {
            olds.entry(key(old)).or_insert(old);
        }
        let mut seeds = HashMap::new();
        for object in batch
            .manifests
            .objects
            .iter()
            .map(|manifest| &manifest.value)
        {
            if let (Some("Seed"), Some(name)) =
                (object["kind"].as_str(), object["metadata"]["name"].as_str())
                && let Ok(seed) = serde_json::from_value(object.clone())
            {
                seeds.entry(name).or_insert(seed);
            }
        }
        Self { olds, seeds }
    }
}

impl Report {
    /// Takes in what came out for the objects that follow.
    fn add(&mut self, other: Self) {
        self.entries.extend(other.entries);
        self.checked += other.checked;
        self.refused += other.refused;
        self.updates += other.updates;
        self.unchecked.extend(other.unchecked);
        self.unknown_seeds.extend(other.unknown_seeds);
    }

    /// Whether nothing was found.
    pub(super) fn is_valid(&self) -> bool {
        self.entries.is_empty()
    }

    /// What is to be said besides the result.
    pub(super) fn notes(&self, style: Style) -> Vec<String> {
        let mut notes = Vec::new();
        if !self.unchecked.is_empty() {
            let mut kinds: BTreeMap<&str, (usize, &[String])> = BTreeMap::new();
            for (title, meant) in &self.unchecked {
                let kind = title.split(' ').next().unwrap_or(title);
                kinds.entry(kind).or_insert((0, meant)).0 += 1;
            }
            let kinds: Vec<String> = kinds
                .into_iter()
                .map(|(kind, (count, meant))| format!("{count} {kind}{}", nearest::hint(meant)))
                .collect();
            notes.push(format!(
                "{} not checked, there are no rules for it: {}",
                style.warning("warning:"),
                kinds.join(", ")
            ));
        }
        for (shoot, seed) in &self.unknown_seeds {
            notes.push(format!(
                "{} {shoot} was checked without its Seed `{seed}`, which is not given (`--seed FILE`)",
                style.warning("warning:"),
            ));
        }
        notes
    }
}

/// The error of what is no object of any kind.
fn untyped(object: &Value) -> Option<Finding> {
    if !object.is_object() {
        let detail = "a manifest must be an object with apiVersion and kind";
        return Some(Finding::of_decoder("Malformed", "", detail));
    }
    ["apiVersion", "kind"].into_iter().find_map(|member| {
        let text = object[member].as_str().unwrap_or_default();
        text.is_empty().then(|| {
            let detail = format!("an object must say its {member}");
            Finding::of_decoder("Required", member, detail)
        })
    })
}

fn key(object: &Value) -> [&str; 4] {
    let text = |member: &str| object["metadata"][member].as_str();
    [
        object["apiVersion"].as_str().unwrap_or_default(),
        object["kind"].as_str().unwrap_or_default(),
        text("namespace").unwrap_or(NAMESPACE),
        text("name").unwrap_or_default(),
    ]
}

/// The place of a finding. What Kubernetes components refuse names their flags, not a field.
fn place(manifest: &Manifest, finding: &Finding) -> Place {
    let twice = manifest
        .duplicates
        .iter()
        .find(|(path, _)| finding.type_ == "DuplicateField" && *path == finding.field);
    if let Some((_, place)) = twice {
        return *place;
    }
    let path = match finding.field.as_str() {
        "services" => "spec.networking.services",
        field if field.starts_with("kube-apiserver ") => "spec.networking.services",
        field if field.starts_with("kube-controller-manager ") => "spec.networking.pods",
        field => field,
    };
    manifest.node.find(path)
}

#[cfg(test)]
mod tests;
