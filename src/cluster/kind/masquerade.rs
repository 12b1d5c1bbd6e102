//! Egress for the nodes: their unique local addresses are hidden behind the host's own.
//!
//! Engines before 27 add no IPv6 rule by themselves although the network asks for it. The rule is added once,
//! announced in the journal, and removed by `down`. Without it everything works but the way out, so
//! a host that does not let us add it gets a warning.

use super::KindError;
use crate::{
    cluster::{ClusterError, Effect, Journal, wait},
    net::Cidr,
    process::{Command, ProcessError},
    progress::Progress,
};

const PROGRAM: &str = "ip6tables";
const TABLE: &str = "nat";
const CHAIN: &str = "POSTROUTING";

/// Adds the rule for the network of the nodes, unless one is there.
pub(super) async fn ensure(
    docker: Cidr,
    journal: &Journal,
    progress: &Progress,
) -> Result<(), ClusterError> {
    let step = progress.step(format!("{PROGRAM} masquerade for {docker}"));
    let rules = match filter(&["-S", CHAIN]).run().await {
        Ok(output) => output.stdout,
        Err(error) => {
            step.done("left out");
            progress.warn(without(docker, &error));
            return Ok(());
        }
    };
    if has_rule(&rules, docker) {
        step.done("already there");
        return Ok(());
    }
    let effect = effect(docker);
    journal.intend(&effect)?;
    match change("-A", docker).run().await {
        Ok(_) => {
            journal.done(&effect)?;
            step.done("added");
        }
        Err(error) => {
            journal.undone(&effect)?;
            step.done("left out");
            progress.warn(without(docker, &error));
        }
    }
    Ok(())
}

/// Removes a rule of ours, if it is still there.
pub(super) async fn remove(effect: &Effect) -> Result<(), KindError> {
    let Effect::FilterRule {
        program,
        table,
        chain,
        rule,
    } = effect
    else {
        return Ok(());
    };
    let command = |verb: &str| {
        Command::new(program)
            .args(["-w", "-t", table.as_str(), verb, chain.as_str()])
            .args(rule.iter().map(String::as_str))
    };
    if command("-C").run().await.is_err() {
        return Ok(());
    }
    command("-D")
        .run()
        .await
        .map_err(|source| KindError::HostCommand {
            purpose: "remove a packet filter rule",
            source: Box::new(source),
        })?;
    Ok(())
}

fn filter(args: &[&str]) -> Command {
    Command::new(PROGRAM)
        .args(["-w", "-t", TABLE])
        .args(args.iter().copied())
}

fn change(verb: &str, docker: Cidr) -> Command {
    filter(&[verb, CHAIN]).args(rule(docker))
}

fn rule(docker: Cidr) -> Vec<String> {
    let prefix = docker.to_string();
    ["-s", &prefix, "!", "-d", &prefix, "-j", "MASQUERADE"]
        .map(str::to_owned)
        .to_vec()
}

fn effect(docker: Cidr) -> Effect {
    Effect::FilterRule {
        program: PROGRAM.to_owned(),
        table: TABLE.to_owned(),
        chain: CHAIN.to_owned(),
        rule: rule(docker),
    }
}

/// A rule for the prefix counts whoever made it; newer engines do.
fn has_rule(rules: &str, docker: Cidr) -> bool {
    let prefix = docker.to_string();
    rules.lines().any(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        words.windows(2).any(|pair| pair == ["-s", prefix.as_str()])
            && words.ends_with(&["-j", "MASQUERADE"])
    })
}

fn without(docker: Cidr, error: &ProcessError) -> String {
    format!(
        "nodes cannot reach addresses outside of {docker} over IPv6, because no masquerade rule could be added: {}",
        wait::chain(error)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_of_the_engine_count() {
        let docker: Cidr = "fd00:10::/64".parse().unwrap();
        let of_engine =
            "-P POSTROUTING ACCEPT\n-A POSTROUTING -s fd00:10::/64 ! -o br-1 -j MASQUERADE\n";
        assert!(has_rule(of_engine, docker));
        assert!(!has_rule(
            "-A POSTROUTING -s fd00:11::/64 -j MASQUERADE",
            docker
        ));
        assert!(!has_rule(
            "-A POSTROUTING -s fd00:10::/64 -j ACCEPT",
            docker
        ));
    }
}
