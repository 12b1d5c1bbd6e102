//! A Mac out of what its programs print. Collecting is a table; reading is pure.

use std::{collections::BTreeMap, path::Path, time::Duration};

use futures_util::future::join_all;

use super::{
    programs::{self, TOOL},
    source::Source,
};
use crate::{
    doctor::{
        Fact,
        facts::{CommandAnswer, Machine, View, keys},
        parse::{ifconfig, listeners, netstat, resolvers, services, uplink},
    },
    net::IpFamily,
};

/// The program that asks the application firewall.
const FIREWALL: &str = "/usr/libexec/ApplicationFirewall/socketfilterfw";
/// `lsof` looks at every process.
const SLOW: Duration = Duration::from_secs(5);

/// What a line of the table answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Asked {
    Release,
    Translated,
    Interfaces,
    Routes4,
    Routes6,
    Resolvers,
    Listeners,
    FirewallState,
    FirewallBlocks,
}

/// The programs, each with its arguments and its time.
const TABLE: [(Asked, &[&str], Duration); 9] = [
    (Asked::Release, &["sw_vers", "-productVersion"], TOOL),
    (
        Asked::Translated,
        &["sysctl", "-n", "sysctl.proc_translated"],
        TOOL,
    ),
    (Asked::Interfaces, &["ifconfig"], TOOL),
    (Asked::Routes4, &["netstat", "-rn", "-f", "inet"], TOOL),
    (Asked::Routes6, &["netstat", "-rn", "-f", "inet6"], TOOL),
    (Asked::Resolvers, &["scutil", "--dns"], TOOL),
    (
        Asked::Listeners,
        &["lsof", "-nP", "-iTCP", "-sTCP:LISTEN", "-iUDP"],
        SLOW,
    ),
    (Asked::FirewallState, &[FIREWALL, "--getglobalstate"], TOOL),
    (Asked::FirewallBlocks, &[FIREWALL, "--getblockall"], TOOL),
];

/// What the programs printed.
pub(super) type Answers = BTreeMap<Asked, Fact<CommandAnswer>>;

/// Runs the table.
pub(super) async fn ask() -> Answers {
    let runs = TABLE.iter().map(|(asked, words, time)| async move {
        let answer = match words.split_first() {
            Some((program, arguments)) => programs::answer(program, arguments, *time).await,
            None => Fact::Absent,
        };
        (*asked, answer)
    });
    join_all(runs).await.into_iter().collect()
}

/// Reads what the programs printed, and the files of a Mac.
pub(super) fn read(answers: &Answers, source: &dyn Source, into: &mut Machine) {
    into.files = keys::MACOS_FILES
        .iter()
        .map(|path| ((*path).to_owned(), source.read(path)))
        .collect();
    view(answers, &mut into.view);
}

fn view(answers: &Answers, view: &mut View) {
    let text = |asked| text_of(answers.get(&asked));
    view.macos = text(Asked::Release).map(|text| text.trim().to_owned());
    // Macs that cannot translate do not know the setting, and the program fails.
    view.translated = match text(Asked::Translated) {
        Fact::Unavailable(_) => Fact::Known(false),
        other => other.map(|text| text.trim() == "1"),
    };
    let interfaces = text(Asked::Interfaces).map(|text| ifconfig::interfaces(&text));
    view.addrs4 = interfaces.clone().map(|found| found.addrs4);
    view.addrs6 = interfaces.clone().map(|found| found.addrs6);
    view.mtu = interfaces.map(|found| found.mtu);
    view.routes4 = text(Asked::Routes4).map(|text| netstat::routes(&text, IpFamily::V4));
    view.routes6 = text(Asked::Routes6).map(|text| netstat::routes(&text, IpFamily::V6));
    view.uplink4 = device(&view.routes4);
    view.uplink6 = device(&view.routes6);
    view.vpn = match (&view.routes4, &view.routes6) {
        (Fact::Known(v4), Fact::Known(v6)) => Fact::from_option(uplink::vpn(v4, v6)),
        _ => Fact::Unavailable("the routes cannot be read".to_owned()),
    };
    view.resolvers = text(Asked::Resolvers).map(|text| resolvers::scutil(&text));
    // Without a listener the program fails and prints nothing.
    view.listen = match answers.get(&Asked::Listeners) {
        Some(Fact::Known(answer)) => Fact::Known(listeners::lsof(&answer.out)),
        other => text_of(other).map(|_| Vec::new()),
    };
    view.firewall = match (text(Asked::FirewallState), text(Asked::FirewallBlocks)) {
        (Fact::Known(state), Fact::Known(blocks)) => {
            Fact::Known(services::mac_firewall(&state, &blocks))
        }
        (Fact::Known(_), other) | (other, _) => {
            other.map(|_| crate::doctor::facts::MacFirewall::default())
        }
    };
}

fn device(routes: &Fact<Vec<crate::doctor::facts::HostRoute>>) -> Fact<String> {
    match routes {
        Fact::Known(routes) => Fact::from_option(uplink::uplink(routes).map(str::to_owned)),
        other => other.clone().map(|_| String::new()),
    }
}

fn text_of(answer: Option<&Fact<CommandAnswer>>) -> Fact<String> {
    match answer {
        Some(Fact::Known(answer)) if answer.succeeded() => Fact::Known(answer.out.clone()),
        Some(Fact::Known(answer)) => Fact::Unavailable(answer.first_line().to_owned()),
        Some(other) => other.clone().map(|answer| answer.out),
        None => Fact::NotRecorded,
    }
}

/// Without the developer tools `git` is a stub that opens a window: it is not run then.
pub(super) fn may_run(line: &str, has_developer_tools: bool) -> bool {
    has_developer_tools || !line.starts_with("git ")
}

/// Where the developer tools are, of which one is enough.
pub(super) fn has_developer_tools(source: &dyn Source) -> bool {
    [
        "/Library/Developer/CommandLineTools/usr/bin/git",
        "/Applications/Xcode.app/Contents/Developer/usr/bin/git",
        "/opt/homebrew/bin/git",
        "/usr/local/bin/git",
    ]
    .iter()
    .any(|path| source.exists(Path::new(path).to_str().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::live::source::tests::Texts;

    fn answers() -> Answers {
        let ok = |text: &str| Fact::Known(CommandAnswer::ok(text));
        let failed = |text: &str| {
            Fact::Known(CommandAnswer {
                rc: 1,
                out: text.to_owned(),
            })
        };
        Answers::from([
            (Asked::Release, ok("26.1\n")),
            (
                Asked::Translated,
                failed("sysctl: unknown oid 'sysctl.proc_translated'\n"),
            ),
            (
                Asked::Interfaces,
                ok(
                    "lo0: flags=8049<UP> mtu 16384\n\tinet 127.0.0.1 netmask 0xff000000\n\tinet6 ::1 prefixlen 128\nen0: flags=8863<UP> mtu 1500\n\tinet 192.168.178.20 netmask 0xffffff00 broadcast 192.168.178.255\n\tinet6 fe80::30%en0 prefixlen 64 secured scopeid 0xb\n",
                ),
            ),
            (
                Asked::Routes4,
                ok(
                    "Destination Gateway Flags Netif\ndefault 192.168.178.1 UGScg en0\n192.168.178 link#11 UCS en0\n",
                ),
            ),
            (Asked::Routes6, ok("default fe80::%utun0 UGcIg utun0\n")),
            (
                Asked::Resolvers,
                ok("resolver #1\n  nameserver[0] : 192.168.178.1\n"),
            ),
            (Asked::Listeners, failed("")),
            (
                Asked::FirewallState,
                ok("Firewall is enabled. (State = 1)\n"),
            ),
            (
                Asked::FirewallBlocks,
                ok("Firewall has block all state set to disabled.\n"),
            ),
        ])
    }

    #[test]
    fn a_mac_is_what_its_programs_print() {
        let source = Texts::of([("/etc/hosts", "::1 localhost\n")]);
        let mut machine = Machine::default();
        read(&answers(), &source, &mut machine);
        let view = &machine.view;
        assert_eq!(view.macos, Fact::Known("26.1".to_owned()));
        assert_eq!(view.translated, Fact::Known(false));
        assert_eq!(view.uplink4, Fact::Known("en0".to_owned()));
        assert_eq!(
            view.uplink6,
            Fact::Absent,
            "a tunnel with a link-local router leads nowhere"
        );
        assert_eq!(view.mtu.known().unwrap()["en0"], 1500);
        assert_eq!(view.resolvers.known().unwrap(), &["192.168.178.1"]);
        assert_eq!(view.listen, Fact::Known(Vec::new()));
        assert_eq!(view.firewall.known().unwrap().state, "on");
        assert_eq!(
            machine.files["/etc/resolver/local.gardener.cloud"],
            Fact::Absent
        );
    }

    #[test]
    fn what_was_not_answered_is_not_made_up() {
        let mut view = View::default();
        let slow = || Fact::Unavailable("`ifconfig` did not end within 2 s".to_owned());
        super::view(&Answers::from([(Asked::Interfaces, slow())]), &mut view);
        assert!(matches!(view.addrs6, Fact::Unavailable(_)));
        assert_eq!(view.macos, Fact::NotRecorded);
        assert!(matches!(view.vpn, Fact::Unavailable(_)));
    }

    #[test]
    fn the_stub_of_git_is_never_started() {
        assert!(!may_run("git --version", false) && may_run("git --version", true));
        assert!(may_run("kind version", false));
        assert!(!has_developer_tools(&Texts::default()));
    }
}
