use std::{
    collections::HashMap,
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
};

use async_trait::async_trait;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use super::*;
use crate::mirror::inventory::reach::Verdict;

const DIGEST: &str = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

/// Hosts with made-up addresses.
struct Book(HashMap<&'static str, Vec<IpAddr>>);

#[async_trait]
impl Names for Book {
    async fn addresses(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        let unknown = || io::Error::new(io::ErrorKind::NotFound, "no such name");
        self.0.get(host).cloned().ok_or_else(unknown)
    }
}

/// Answers every request by its path: status, headers, body.
type Answers = Arc<dyn Fn(&str) -> (u16, String, String) + Send + Sync>;

async fn serve(address: IpAddr, answers: Answers) -> u16 {
    let listener = TcpListener::bind(SocketAddr::new(address, 0))
        .await
        .unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let answers = Arc::clone(&answers);
            tokio::spawn(async move {
                let mut request = vec![0; 4096];
                let length = stream.read(&mut request).await.unwrap_or(0);
                let text = String::from_utf8_lossy(&request[..length]).into_owned();
                let path = text.split(' ').nth(1).unwrap_or_default().to_owned();
                let (status, headers, body) = answers(&path);
                let length = body.len();
                let answer = format!(
                    "HTTP/1.1 {status} X\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}"
                );
                drop(stream.write_all(answer.as_bytes()).await);
            });
        }
    });
    port
}

/// A registry whose content comes from `storage`, with tokens from `realm` if there is one.
fn registry(realm: Option<String>, storage: Option<String>) -> Answers {
    Arc::new(move |path: &str| {
        let body = |text: &str| (200, String::new(), text.to_owned());
        if path == "/v2/" {
            return match &realm {
                Some(realm) => (
                    401,
                    format!("www-authenticate: Bearer realm=\"{realm}\",service=\"s\"\r\n"),
                    String::new(),
                ),
                None => body("{}"),
            };
        }
        if path.contains("/manifests/") {
            return body(&format!(
                "{{\"config\": {{\"digest\": \"{DIGEST}\", \"size\": 2}}}}"
            ));
        }
        match &storage {
            Some(storage) => (307, format!("location: {storage}\r\n"), String::new()),
            None => body("{}"),
        }
    })
}

fn token() -> Answers {
    Arc::new(|_: &str| (200, String::new(), "{\"token\": \"t\"}".to_owned()))
}

async fn test(registry: &str, names: Book) -> RegistryReport {
    let reach = Reach {
        names,
        settings: ReachSettings {
            patience: Duration::from_secs(5),
            counted_pulls: false,
        },
    };
    let image = format!("{registry}/a/b:1").parse().unwrap();
    let mut reports = reach.test(vec![(registry.to_owned(), Some(image))]).await;
    reports.remove(0)
}

fn nobody() -> Book {
    Book(HashMap::new())
}

fn outcome(report: &RegistryReport, family: IpFamily, leg: Leg) -> &Outcome {
    let report = report
        .families
        .iter()
        .find(|one| one.family == family)
        .unwrap();
    &report
        .legs
        .iter()
        .find(|one| one.leg == leg)
        .unwrap()
        .outcome
}

const V6: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);
const V4: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

#[tokio::test]
async fn a_registry_that_answers_everything_over_ipv6_is_usable_over_ipv6_only() {
    let port = serve(V6, registry(None, None)).await;
    let report = test(&format!("[::1]:{port}"), nobody()).await;
    assert_eq!(report.verdict(IpFamily::V6), Verdict::Usable, "{report:?}");
    assert_eq!(report.verdict(IpFamily::V4), Verdict::Unusable);
    assert_eq!(
        outcome(&report, IpFamily::V4, Leg::Front),
        &Outcome::NoAddress
    );
}

#[tokio::test]
async fn a_token_host_without_ipv6_makes_the_registry_unusable() {
    let realm = serve(V4, token()).await;
    let port = serve(
        V6,
        registry(Some(format!("http://127.0.0.1:{realm}/token")), None),
    )
    .await;
    let report = test(&format!("[::1]:{port}"), nobody()).await;
    assert_eq!(report.verdict(IpFamily::V6), Verdict::Unusable);
    assert_eq!(
        outcome(&report, IpFamily::V6, Leg::Token),
        &Outcome::NoAddress
    );
    assert!(matches!(
        outcome(&report, IpFamily::V6, Leg::Blob),
        Outcome::NotTested { .. }
    ));
}

#[tokio::test]
async fn a_content_host_without_ipv6_makes_the_registry_unusable() {
    let storage = serve(V4, token()).await;
    let realm = serve(V6, token()).await;
    let answers = registry(
        Some(format!("http://[::1]:{realm}/token")),
        Some(format!("http://storage.test:{storage}/x")),
    );
    let port = serve(V6, answers).await;
    let names = Book(HashMap::from([("storage.test", vec![V4])]));
    let report = test(&format!("[::1]:{port}"), names).await;
    assert_eq!(
        report.verdict(IpFamily::V6),
        Verdict::Unusable,
        "{report:?}"
    );
    assert_eq!(
        outcome(&report, IpFamily::V6, Leg::Blob),
        &Outcome::NoAddress
    );
}

#[tokio::test]
async fn a_redirect_that_leads_on_over_ipv6_is_followed_with_the_name_of_the_host() {
    let storage = serve(V6, token()).await;
    let answers = registry(None, Some(format!("http://storage.test:{storage}/x")));
    let port = serve(V6, answers).await;
    let names = Book(HashMap::from([("storage.test", vec![V4, V6])]));
    let report = test(&format!("[::1]:{port}"), names).await;
    assert_eq!(report.verdict(IpFamily::V6), Verdict::Usable, "{report:?}");
}

#[tokio::test]
async fn no_answer_is_not_the_same_as_no_address() {
    // Nobody listens on a port that was just given back.
    let listener = TcpListener::bind(SocketAddr::new(V6, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let report = test(&format!("[::1]:{port}"), nobody()).await;
    let front = outcome(&report, IpFamily::V6, Leg::Front);
    assert!(matches!(front, Outcome::NoAnswer { .. }), "{front:?}");
    assert!(front.to_string().contains("::1: "), "{front}");
}

#[tokio::test]
async fn names_that_cannot_be_looked_up_and_servers_that_are_no_registry_are_told_apart() {
    let report = test("nowhere.test", nobody()).await;
    let front = outcome(&report, IpFamily::V6, Leg::Front);
    assert!(matches!(front, Outcome::NoName { .. }), "{front:?}");
    let port = serve(V6, Arc::new(|_: &str| (404, String::new(), String::new()))).await;
    let report = test(&format!("[::1]:{port}"), nobody()).await;
    let front = outcome(&report, IpFamily::V6, Leg::Front);
    assert!(matches!(front, Outcome::Wrong { .. }), "{front:?}");
}

#[tokio::test]
async fn without_an_image_content_is_not_tested_and_so_is_the_registry() {
    let port = serve(V6, registry(None, None)).await;
    let reach = Reach {
        names: nobody(),
        settings: ReachSettings {
            patience: Duration::from_secs(5),
            counted_pulls: false,
        },
    };
    let report = reach
        .test(vec![(format!("[::1]:{port}"), None)])
        .await
        .remove(0);
    assert_eq!(report.verdict(IpFamily::V6), Verdict::NotTested);
}
