//! Questions about a machine.

use super::{Ask, if_known};
use crate::doctor::{
    Fact, Scope,
    facts::{CommandAnswer, Machine, Modules, Online, View, Workdir},
    finding::Gap,
};

impl<'a> Ask<'a> {
    /// The machine of a scope.
    pub(in crate::doctor) fn machine(&self, scope: Scope) -> Result<&'a Machine, Gap> {
        self.facts.machine(scope).ok_or_else(|| {
            Gap::Unknown(
                "the engine runs in a virtual machine that offers no shell; `--probe` may answer"
                    .to_owned(),
            )
        })
    }

    /// The content of a file; none where it does not exist.
    pub(in crate::doctor) fn file(&self, scope: Scope, path: &str) -> Result<Option<&'a str>, Gap> {
        let fact = self.file_fact(scope, path)?;
        let text = self.answer(scope, path, fact, |text| text.trim_end().to_owned())?;
        Ok(text.map(String::as_str))
    }

    /// What is known about a file, for rules that care about why it cannot be read.
    pub(in crate::doctor) fn file_fact(
        &self,
        scope: Scope,
        path: &str,
    ) -> Result<&'a Fact<String>, Gap> {
        let files = &self.machine(scope)?.files;
        Ok(files.get(path).unwrap_or(&Fact::NotRecorded))
    }

    /// A sysctl of the machine that runs the engine, as a number; none where there is no such
    /// key. A text that is no number counts as unreadable.
    pub(in crate::doctor) fn sysctl(&self, key: &str) -> Result<Option<i64>, Gap> {
        let sysctls = &self.machine(Scope::Engine)?.sysctl;
        let fact = sysctls.get(key).unwrap_or(&Fact::NotRecorded);
        match self.answer(Scope::Engine, key, fact, ToString::to_string)? {
            None => Ok(None),
            Some(value) => match value.number() {
                Some(number) => Ok(Some(number)),
                None => Err(Gap::Unknown(format!("{key}: `{value}` is no number"))),
            },
        }
    }

    /// The kernel's features on the machine that runs the engine.
    pub(in crate::doctor) fn modules(&self) -> Result<&'a Modules, Gap> {
        let fact = &self.machine(Scope::Engine)?.modules;
        let modules = self.answer(Scope::Engine, "modules", fact, |modules| {
            format!(
                "{} loaded, {} built in, {} loadable",
                modules.loaded.len(),
                modules.builtin.len(),
                modules.loadable.len()
            )
        })?;
        modules.ok_or_else(|| Gap::Unknown("the kernel tells nothing of its modules".to_owned()))
    }

    /// Parsed evidence; none where there is no such thing.
    pub(in crate::doctor) fn view<T: std::fmt::Debug>(
        &self,
        scope: Scope,
        key: &str,
        field: impl FnOnce(&'a View) -> &'a Fact<T>,
    ) -> Result<Option<&'a T>, Gap> {
        let fact = field(&self.machine(scope)?.view);
        self.answer(scope, key, fact, |value| format!("{value:?}"))
    }

    /// The state of a service, or a setting of its unit.
    pub(in crate::doctor) fn service(
        &self,
        scope: Scope,
        name: &str,
    ) -> Result<Option<&'a str>, Gap> {
        let key = format!("service {name}");
        let services = self.answer(scope, &key, &self.machine(scope)?.services, |services| {
            let state = services.0.get(name).and_then(Fact::known);
            state.map_or_else(|| "absent".to_owned(), ToString::to_string)
        })?;
        let Some(services) = services else {
            return Ok(None);
        };
        let fact = services.0.get(name).unwrap_or(&Fact::NotRecorded);
        let state = self.answer(scope, &key, fact, ToString::to_string)?;
        Ok(state.map(super::super::facts::Scalar::as_str))
    }

    /// What a program answered; none where it is not on `PATH`.
    pub(in crate::doctor) fn command(
        &self,
        scope: Scope,
        line: &str,
    ) -> Result<Option<&'a CommandAnswer>, Gap> {
        let commands = &self.machine(scope)?.cmd;
        let fact = commands.get(line).unwrap_or(&Fact::NotRecorded);
        self.answer(scope, line, fact, |answer| match answer.rc {
            0 => answer.first_line().to_owned(),
            rc => format!("exit {rc}: {}", answer.first_line()),
        })
    }

    /// An environment variable of the command; none where it is unset or empty.
    pub(in crate::doctor) fn env(&self, name: &str) -> Result<Option<&'a str>, Gap> {
        let fact = &self.facts.host.env;
        let key = format!("${name}");
        let variables = self.answer(Scope::Host, &key, fact, |variables| {
            let value = variables.get(name);
            value.cloned().unwrap_or_else(|| "unset".to_owned())
        })?;
        let value = variables.and_then(|variables| variables.get(name));
        Ok(value.map(String::as_str).filter(|value| !value.is_empty()))
    }

    /// The environment variables of kind.
    pub(in crate::doctor) fn kind_env(&self) -> Result<Vec<(&'a str, &'a str)>, Gap> {
        let fact = &self.facts.host.env;
        let variables = self.answer(Scope::Host, "$KIND_*", fact, |_| "see below".to_owned())?;
        let all = variables.into_iter().flatten();
        Ok(all
            .filter(|(name, _)| name.starts_with(super::super::facts::keys::KIND_ENV))
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect())
    }

    /// The working directory.
    pub(in crate::doctor) fn workdir(&self) -> Result<Option<&'a Workdir>, Gap> {
        let fact = &self.facts.host.workdir;
        self.answer(Scope::Host, "workdir", fact, |workdir| {
            format!("{} ({})", workdir.path, workdir.fstype)
        })
    }

    /// Answers from the outside world; none where nobody asked it.
    pub(in crate::doctor) fn online(&self) -> Result<&'a Online, Gap> {
        let fact = &self.facts.host.online;
        let online =
            if_known(self.answer(Scope::Host, "online", fact, |online| format!("{online:?}")));
        online.ok_or_else(|| Gap::Skip("needs `--online`".to_owned()))
    }
}
