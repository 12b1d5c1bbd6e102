//! `/etc/subuid` and `/etc/subgid`.

/// How many ids a user may map, over all lines of the user (by name or by id).
pub fn mapped(text: &str, user: &str, uid: Option<u32>) -> u64 {
    let uid = uid.map(|uid| uid.to_string());
    text.lines()
        .filter_map(|line| {
            let mut parts = line.trim().split(':');
            let owner = parts.next()?;
            let (_, count) = (parts.next()?, parts.next()?);
            let own = owner == user || uid.as_deref() == Some(owner);
            own.then(|| count.parse::<u64>().ok())?
        })
        .fold(0, u64::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_ranges_of_a_user_add_up() {
        let text = "dev:100000:65536\nother:165536:65536\n1000:300000:10\ndev:x\n";
        assert_eq!(mapped(text, "dev", None), 65536);
        assert_eq!(mapped(text, "dev", Some(1000)), 65546);
        assert_eq!(mapped(text, "nobody", None), 0);
    }
}
