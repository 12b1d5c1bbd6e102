//! Which families the objects of the garden can have.

use crate::{
    api::validation::Rules,
    generate::GenerateError,
    net::{Families, IpFamily},
};

/// The families of the environment, or the primary one where the rules know no dual-stack.
///
/// # Errors
///
/// [`GenerateError::Plan`] where the rules do not allow the primary family either.
pub fn expressible(families: Families, rules: &Rules) -> Result<Families, GenerateError> {
    if families.primary() == IpFamily::V6 && !rules.allows_ipv6() {
        return Err(GenerateError::plan(
            "manifests of the garden",
            "the API profile gep21 has no IPv6 while the feature gate IPv6SingleStack is off",
        ));
    }
    if families.is_dual() && !rules.allows_dual_stack() {
        return Ok(Families::single(families.primary()));
    }
    Ok(families)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::gates::ApiProfile;

    fn rules(profile: ApiProfile, gates: &str) -> Rules {
        Rules {
            profile,
            gates: gates.parse().unwrap(),
        }
    }

    #[test]
    fn two_families_need_rules_that_know_them() {
        let dual = Families::dual(IpFamily::V6);
        let primary = Families::single(IpFamily::V6);
        for (profile, gates, expected) in [
            (ApiProfile::Upstream, "", dual),
            (ApiProfile::Gep21, "", primary),
            (ApiProfile::Gep21, "DualStack=true", dual),
        ] {
            assert_eq!(expressible(dual, &rules(profile, gates)).unwrap(), expected);
        }
    }

    #[test]
    fn ipv6_cannot_be_expressed_while_its_gate_is_closed() {
        let closed = rules(ApiProfile::Gep21, "IPv6SingleStack=false");
        assert!(expressible(Families::single(IpFamily::V6), &closed).is_err());
        assert!(expressible(Families::single(IpFamily::V4), &closed).is_ok());
    }
}
