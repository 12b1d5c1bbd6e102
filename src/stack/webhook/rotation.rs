//! What to do about the certificates of the webhook at a moment. Pure.
//!
//! An authority is replaced in four steps, so that an API server trusts whatever it meets: the
//! successor enters the bundle; once every API server had time to read the bundle, the successor
//! signs a new serving certificate; once every replica had time to load that, the predecessor
//! leaves the bundle.

use jiff::{SignedDuration, Timestamp};

/// How far certificates are dated back, for clocks that are behind.
pub(super) const BACKDATE: SignedDuration = SignedDuration::from_mins(5);
/// How long API servers and other replicas get to read what changed.
const OVERLAP: SignedDuration = SignedDuration::from_mins(10);
/// With less time than this left, an authority signs nothing any more.
const LAST_HOUR: SignedDuration = SignedDuration::from_hours(1);

/// When a certificate is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Validity {
    pub(super) from: Timestamp,
    pub(super) until: Timestamp,
}

impl Validity {
    /// When two thirds of the life are over.
    fn renewal(self) -> Timestamp {
        self.until - self.until.duration_since(self.from) / 3
    }

    /// When everybody has heard of a certificate that was made when this says.
    fn known(self) -> Timestamp {
        self.from + BACKDATE + OVERLAP
    }
}

/// What there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Inventory {
    /// The authority that signs.
    pub(super) authority: Validity,
    /// The authority that will sign next, and is trusted already.
    pub(super) successor: Option<Validity>,
    /// Whether the authority that signed before is still trusted.
    pub(super) predecessor: bool,
    /// The serving certificate, if the authority signed it for the right names.
    pub(super) serving: Option<Validity>,
}

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// Make the first authority.
    Found,
    /// Let callers trust a new authority.
    Introduce,
    /// Let the new authority sign, from now on.
    Promote,
    /// Let the authority sign a new serving certificate.
    Issue,
    /// Let nobody trust the old authority any more.
    Retire,
    /// Nothing before this moment.
    Rest(Timestamp),
}

/// Decides what comes next. Doing it and asking again ends in [`Action::Rest`].
pub(super) fn decide(inventory: Option<&Inventory>, now: Timestamp) -> Action {
    let Some(inventory) = inventory else {
        return Action::Found;
    };
    let authority = inventory.authority;
    let spent = authority.until - LAST_HOUR <= now;
    let known = inventory.successor.map(Validity::known);
    if spent || known.is_some_and(|known| known <= now) {
        return Action::Promote;
    }
    let Some(serving) = inventory.serving.filter(|serving| now < serving.renewal()) else {
        return Action::Issue;
    };
    let next = match known {
        Some(known) => known,
        None if authority.renewal() <= now => return Action::Introduce,
        None => authority.renewal(),
    };
    let mut rest = next.min(serving.renewal());
    if inventory.predecessor {
        if serving.known() <= now {
            return Action::Retire;
        }
        rest = rest.min(serving.known());
    }
    Action::Rest(rest)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DAY: i64 = 24 * 60;

    /// A moment, in minutes.
    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + minute * 60).unwrap()
    }

    fn valid(from: i64, until: i64) -> Validity {
        Validity {
            from: at(from),
            until: at(until),
        }
    }

    #[test]
    fn the_next_step_depends_on_what_there_is_and_on_the_time() {
        let plain = Inventory {
            authority: valid(0, 300 * DAY),
            successor: None,
            predecessor: false,
            serving: Some(valid(0, 90 * DAY)),
        };
        let introduced = Inventory {
            successor: Some(valid(200 * DAY, 500 * DAY)),
            serving: Some(valid(180 * DAY, 270 * DAY)),
            ..plain
        };
        let promoted = Inventory {
            authority: valid(200 * DAY, 500 * DAY),
            predecessor: true,
            serving: Some(valid(200 * DAY + 15, 290 * DAY)),
            ..plain
        };
        let unsigned = Inventory {
            serving: None,
            ..plain
        };
        let cases = [
            ("nothing there", None, 0, Action::Found),
            ("all new", Some(plain), 0, Action::Rest(at(60 * DAY))),
            (
                "before two thirds",
                Some(plain),
                60 * DAY - 1,
                Action::Rest(at(60 * DAY)),
            ),
            (
                "two thirds of serving",
                Some(plain),
                60 * DAY,
                Action::Issue,
            ),
            ("serving expired", Some(plain), 91 * DAY, Action::Issue),
            (
                "other names, or another signer",
                Some(unsigned),
                0,
                Action::Issue,
            ),
            (
                "two thirds of the authority",
                Some(Inventory {
                    serving: introduced.serving,
                    ..plain
                }),
                200 * DAY,
                Action::Introduce,
            ),
            (
                "just introduced",
                Some(introduced),
                200 * DAY + 5,
                Action::Rest(at(200 * DAY + 15)),
            ),
            (
                "introduced long enough",
                Some(introduced),
                200 * DAY + 15,
                Action::Promote,
            ),
            (
                "just promoted",
                Some(promoted),
                200 * DAY + 20,
                Action::Rest(at(200 * DAY + 30)),
            ),
            (
                "everybody serves the new one",
                Some(promoted),
                200 * DAY + 30,
                Action::Retire,
            ),
            (
                "asleep for too long",
                Some(plain),
                400 * DAY,
                Action::Promote,
            ),
            (
                "the last hour",
                Some(unsigned),
                300 * DAY - 60,
                Action::Promote,
            ),
            (
                "before the last hour",
                Some(unsigned),
                300 * DAY - 61,
                Action::Issue,
            ),
        ];
        for (name, inventory, now, expected) in cases {
            assert_eq!(decide(inventory.as_ref(), at(now)), expected, "{name}");
        }
    }

    /// What doing an action makes of an inventory, with certificates as they are really made.
    fn after(inventory: Option<Inventory>, action: Action, now: Timestamp) -> Inventory {
        let made = |days: i64| Validity {
            from: now - BACKDATE,
            until: now + SignedDuration::from_hours(24 * days),
        };
        let Some(old) = inventory else {
            return Inventory {
                authority: made(365),
                successor: None,
                predecessor: false,
                serving: None,
            };
        };
        match action {
            Action::Introduce => Inventory {
                successor: Some(made(365)),
                ..old
            },
            Action::Promote => Inventory {
                authority: old.successor.unwrap_or(made(365)),
                successor: None,
                predecessor: true,
                serving: None,
            },
            Action::Issue => {
                let until = made(90).until.min(old.authority.until);
                Inventory {
                    serving: Some(Validity { until, ..made(90) }),
                    ..old
                }
            }
            Action::Retire => Inventory {
                predecessor: false,
                ..old
            },
            Action::Found | Action::Rest(_) => old,
        }
    }

    proptest! {
        #[test]
        fn steps_end_in_rest_and_every_trusted_chain_stays_trusted(
            pauses in prop::collection::vec(0i64..200 * DAY, 1..12)
        ) {
            let mut inventory = None;
            let mut minute = 0;
            for pause in pauses {
                minute += pause;
                let now = at(minute);
                let mut steps = 0;
                loop {
                    match decide(inventory.as_ref(), now) {
                        Action::Rest(until) => {
                            prop_assert!(until > now);
                            break;
                        }
                        action => inventory = Some(after(inventory, action, now)),
                    }
                    steps += 1;
                    prop_assert!(steps < 8, "{inventory:?}");
                }
                let there = inventory.expect("an authority was founded");
                let serving = there.serving.expect("a certificate was issued");
                prop_assert!(there.authority.until > now && serving.until > now);
            }
        }
    }
}
