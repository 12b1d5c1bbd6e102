//! Programs for images, configuration and sources.

use semver::Version;

use super::{super::prelude::*, BASE, install, version_of};
use crate::doctor::parse::versions;

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "tool-skopeo",
        title: "skopeo",
        ceiling: Ceiling([W, W, W]),
        reads: "`skopeo --version`",
        rule: "missing is told, and warns where images are to be mirrored with it",
        why: "it copies images between registries and archives without an engine",
        remedies: &install(
            "install it",
            &["sudo apt-get install skopeo"],
            &["brew install skopeo"],
        ),
        run: skopeo,
        ..BASE
    },
    Check {
        id: "tool-jq-yq",
        title: "jq and yq",
        needs: &[Need::Gardener],
        reads: "`jq --version`, `yq --version`",
        rule: "missing fails, and so does another yq than mikefarah's; jq below 1.6 warns",
        why: "Gardener's scripts use both, and the two programs called yq have different languages",
        remedies: &install(
            "install jq, and yq from github.com/mikefarah/yq",
            &[
                "sudo apt-get install jq",
                "go install github.com/mikefarah/yq/v4@latest",
            ],
            &["brew install jq yq"],
        ),
        run: jq_yq,
        ..BASE
    },
    Check {
        id: "tool-skaffold-kustomize",
        title: "skaffold and kustomize",
        ceiling: Ceiling([I, I, I]),
        needs: &[Need::Gardener],
        reads: "`skaffold version`, `kustomize version`",
        rule: "missing is told",
        why: "Gardener's tree brings its own; these are for work by hand",
        remedies: &install(
            "install them if you want them",
            &["go install sigs.k8s.io/kustomize/kustomize/v5@latest"],
            &["brew install skaffold kustomize"],
        ),
        run: skaffold,
        ..BASE
    },
    Check {
        id: "tool-git",
        title: "git",
        ceiling: Ceiling([I, I, I]),
        reads: "`git --version`, on a Mac only where the command line tools are installed",
        rule: "missing is told",
        why: "only check-outs need it; on a Mac without the tools its name opens a dialogue",
        remedies: &install(
            "install it",
            &["sudo apt-get install git"],
            &["xcode-select --install"],
        ),
        run: git,
        ..BASE
    },
];

fn skopeo(ask: &Ask<'_>) -> Verdict {
    Ok(match ask.command(Scope::Host, "skopeo --version")? {
        Some(answer) => pass(answer.first_line()),
        None if ask.plan().mirror => {
            warn("skopeo is missing, and images are to be mirrored with it")
                .values("not installed", "skopeo")
        }
        None => info("skopeo is missing; nothing that is planned needs it"),
    })
}

fn jq_yq(ask: &Ask<'_>) -> Verdict {
    let jq = ask.command(Scope::Host, "jq --version")?;
    let yq = ask.command(Scope::Host, "yq --version")?;
    let missing: Vec<&str> = [(jq, "jq"), (yq, "yq")]
        .into_iter()
        .filter_map(|(answer, name)| answer.is_none().then_some(name))
        .collect();
    if !missing.is_empty() {
        let list = missing.join(" and ");
        return Ok(fail(format!("{list} is missing")).values("not installed", list));
    }
    let yq = yq.map_or("", |answer| answer.out.as_str());
    if !yq.contains("mikefarah") {
        return Ok(fail(format!("yq is another program ({})", yq.trim()))
            .values(yq.trim(), "yq of mikefarah"));
    }
    let jq = jq.and_then(|answer| versions::version(&answer.out));
    Ok(match jq {
        Some(version) if version < Version::new(1, 6, 0) => {
            warn(format!("jq {version} is older than 1.6")).values(&version, "1.6 or later")
        }
        _ => pass("jq and yq are there"),
    })
}

fn skaffold(ask: &Ask<'_>) -> Verdict {
    let skaffold = ask.command(Scope::Host, "skaffold version")?;
    let kustomize = ask.command(Scope::Host, "kustomize version");
    // Snapshots may not say anything of kustomize.
    let missing = [
        (skaffold.is_none(), "skaffold"),
        (kustomize == Ok(None), "kustomize"),
    ];
    let missing: Vec<&str> = missing
        .into_iter()
        .filter_map(|(gone, name)| gone.then_some(name))
        .collect();
    Ok(if missing.is_empty() {
        pass("both are there")
    } else {
        info(format!(
            "{} is missing; Gardener's tree brings its own",
            missing.join(" and ")
        ))
    })
}

fn git(ask: &Ask<'_>) -> Verdict {
    Ok(match ask.command(Scope::Host, "git --version")? {
        Some(_) => match version_of(ask, "git --version")? {
            Some(version) => pass(format!("git {version}")),
            None => pass("git is there"),
        },
        None => info("git is missing; only check-outs need it"),
    })
}
