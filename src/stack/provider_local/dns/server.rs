//! The wire side: UDP and TCP on one address, every answer from [`Zones`].

use std::{net::SocketAddr, str::FromStr as _, sync::Arc, time::Duration};

use hickory_server::{
    Server,
    net::runtime::Time,
    proto::{
        op::{Edns, Header, HeaderCounts, MessageType, Metadata, OpCode, ResponseCode},
        rr::{
            Name, RData, Record, RecordType,
            rdata::{A, AAAA, CNAME, NS, SOA, TXT},
        },
    },
    server::{Request, RequestHandler, ResponseHandler, ResponseInfo},
    zone_handler::MessageResponseBuilder,
};
use tokio::net::{TcpListener, UdpSocket};
use tokio_util::sync::CancellationToken;

use super::{
    record_set::Rdata,
    zones::{Answer, Lookup, QueryType, Zones},
};
use crate::stack::StackError;

/// How long an idle TCP connection lives.
const TCP_IDLE: Duration = Duration::from_secs(10);
/// How many answers may wait on one TCP connection.
const TCP_BUFFER: usize = 32;
/// How long a resolver may remember that something does not exist (RFC 2308), in seconds.
const NEGATIVE_TTL: u32 = 5;

/// A DNS server that holds its sockets and has not started to answer.
pub struct DnsServer {
    server: Server<Handler>,
    address: SocketAddr,
}

impl DnsServer {
    /// Takes UDP and TCP of one address. Port 0 takes the same free port for both.
    pub async fn bind(listen: SocketAddr, zones: Arc<Zones>) -> Result<Self, StackError> {
        let failed = |source| StackError::Listen {
            address: listen,
            purpose: "DNS",
            source,
        };
        let tcp = TcpListener::bind(listen).await.map_err(failed)?;
        let address = tcp.local_addr().map_err(failed)?;
        let udp = UdpSocket::bind(address).await.map_err(failed)?;
        let mut server = Server::new(Handler { zones });
        server.register_socket(udp);
        server.register_listener(tcp, TCP_IDLE, TCP_BUFFER);
        Ok(Self { server, address })
    }

    /// Where the server listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until `shutdown`.
    pub async fn run(mut self, shutdown: CancellationToken) {
        shutdown.cancelled().await;
        if let Err(error) = self.server.shutdown_gracefully().await {
            tracing::debug!(%error, "the DNS server did not stop cleanly");
        }
    }
}

struct Handler {
    zones: Arc<Zones>,
}

/// What goes into the sections of a response.
struct Sections {
    code: ResponseCode,
    answers: Vec<Record>,
    authority: Vec<Record>,
}

impl Sections {
    const fn only(code: ResponseCode) -> Self {
        Self {
            code,
            answers: Vec::new(),
            authority: Vec::new(),
        }
    }
}

#[async_trait::async_trait]
impl RequestHandler for Handler {
    async fn handle_request<R: ResponseHandler, T: Time>(
        &self,
        request: &Request,
        mut responder: R,
    ) -> ResponseInfo {
        let sections = self.sections(request);
        let mut metadata = Metadata::response_from_request(&request.metadata);
        metadata.response_code = sections.code;
        metadata.authoritative = sections.code != ResponseCode::Refused;
        let mut builder = MessageResponseBuilder::from_message_request(request);
        // EDNS is answered with EDNS (RFC 6891 section 6.1.1).
        let edns = request.edns.as_ref().map(|asked| {
            let mut edns = Edns::new();
            edns.set_max_payload(asked.max_payload().clamp(512, 1232));
            edns
        });
        if let Some(edns) = &edns {
            builder.edns(edns);
        }
        let response = builder.build(metadata, &sections.answers, &[], &sections.authority, &[]);
        match responder.send_response(response).await {
            Ok(info) => info,
            Err(error) => {
                tracing::debug!(%error, "a DNS answer could not be sent");
                let mut metadata =
                    Metadata::new(request.metadata.id, MessageType::Response, OpCode::Query);
                metadata.response_code = ResponseCode::ServFail;
                ResponseInfo::from(Header {
                    metadata,
                    counts: HeaderCounts::default(),
                })
            }
        }
    }
}

impl Handler {
    fn sections(&self, request: &Request) -> Sections {
        if request.metadata.op_code != OpCode::Query {
            return Sections::only(ResponseCode::NotImp);
        }
        let Ok(info) = request.request_info() else {
            return Sections::only(ResponseCode::FormErr);
        };
        let name = info.query.name().to_string();
        let query = query_type(info.query.query_type());
        let mut sections = Sections::only(ResponseCode::NoError);
        match self.zones.lookup(&name, query) {
            Lookup::Found(answers) => {
                sections.answers = answers.iter().filter_map(record).collect();
            }
            Lookup::Apex { zone } => {
                sections.answers = match query {
                    QueryType::Ns => name_server(&zone),
                    _ => self.start_of_authority(&zone),
                };
            }
            Lookup::NoData { zone } => sections.authority = self.start_of_authority(&zone),
            Lookup::NoName { zone } => {
                sections.code = ResponseCode::NXDomain;
                sections.authority = self.start_of_authority(&zone);
            }
            Lookup::NotOurs => sections.code = ResponseCode::Refused,
        }
        sections
    }

    fn start_of_authority(&self, zone: &str) -> Vec<Record> {
        let (Some(apex), Some(server), Some(mailbox)) = (
            dns_name(zone),
            dns_name(&format!("ns.{zone}")),
            dns_name(&format!("hostmaster.{zone}")),
        ) else {
            return Vec::new();
        };
        let soa = SOA::new(
            server,
            mailbox,
            self.zones.serial(),
            3600,
            600,
            86400,
            NEGATIVE_TTL,
        );
        vec![Record::from_rdata(apex, NEGATIVE_TTL, RData::SOA(soa))]
    }
}

fn name_server(zone: &str) -> Vec<Record> {
    let names = dns_name(zone).zip(dns_name(&format!("ns.{zone}")));
    names
        .map(|(apex, server)| Record::from_rdata(apex, NEGATIVE_TTL, RData::NS(NS(server))))
        .into_iter()
        .collect()
}

fn query_type(record_type: RecordType) -> QueryType {
    match record_type {
        RecordType::A => QueryType::A,
        RecordType::AAAA => QueryType::Aaaa,
        RecordType::CNAME => QueryType::Cname,
        RecordType::TXT => QueryType::Txt,
        RecordType::SOA => QueryType::Soa,
        RecordType::NS => QueryType::Ns,
        RecordType::ANY => QueryType::Any,
        _ => QueryType::Other,
    }
}

/// A fully qualified name; `None` for text that is none, which then is left out of the answer.
fn dns_name(text: &str) -> Option<Name> {
    let mut name = Name::from_str(text).ok()?;
    name.set_fqdn(true);
    Some(name)
}

fn record(answer: &Answer) -> Option<Record> {
    let data = match &answer.value {
        Rdata::A(address) => RData::A(A(*address)),
        Rdata::Aaaa(address) => RData::AAAA(AAAA(*address)),
        Rdata::Cname(target) => RData::CNAME(CNAME(dns_name(target)?)),
        Rdata::Txt(text) => RData::TXT(TXT::new(character_strings(text))),
    };
    Some(Record::from_rdata(
        dns_name(&answer.name)?,
        answer.ttl,
        data,
    ))
}

/// A text in pieces of at most 255 bytes (RFC 1035 section 3.3), cut between characters.
fn character_strings(text: &str) -> Vec<String> {
    let mut pieces = vec![String::new()];
    for character in text.chars() {
        let last = pieces.last_mut().expect("there is always a last piece");
        if last.len() + character.len_utf8() > 255 {
            pieces.push(character.to_string());
        } else {
            last.push(character);
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use hickory_server::proto::op::{Message, Query};

    use super::*;
    use crate::stack::provider_local::dns::RecordSet;

    async fn ask(server: SocketAddr, name: &str, record_type: RecordType) -> Message {
        let mut question = Message::new(7, MessageType::Query, OpCode::Query);
        question.add_query(Query::query(Name::from_str(name).unwrap(), record_type));
        let socket = UdpSocket::bind("[::1]:0").await.unwrap();
        let bytes = question.to_vec().unwrap();
        socket.send_to(&bytes, server).await.unwrap();
        let mut buffer = [0; 1500];
        let receive = socket.recv_from(&mut buffer);
        let (length, _) = tokio::time::timeout(Duration::from_secs(5), receive)
            .await
            .unwrap()
            .unwrap();
        Message::from_vec(&buffer[..length]).unwrap()
    }

    #[tokio::test]
    async fn the_wire_tells_no_data_from_no_name() {
        let zones = Arc::new(Zones::new(&["local.gardener.cloud".to_owned()]));
        zones.put(
            "ns",
            "a",
            RecordSet {
                name: "api.local.gardener.cloud".to_owned(),
                ttl: 30,
                values: vec![Rdata::Aaaa("::1".parse().unwrap())],
            },
        );
        let listen = "[::1]:0".parse().unwrap();
        let server = DnsServer::bind(listen, Arc::clone(&zones)).await.unwrap();
        let address = server.address();
        let stop = CancellationToken::new();
        let task = tokio::spawn(server.run(stop.clone()));

        let found = ask(address, "api.local.gardener.cloud.", RecordType::AAAA).await;
        assert_eq!(found.metadata.response_code, ResponseCode::NoError);
        assert!(found.metadata.authoritative);
        assert_eq!(found.answers.len(), 1);

        let no_data = ask(address, "api.local.gardener.cloud.", RecordType::A).await;
        assert_eq!(no_data.metadata.response_code, ResponseCode::NoError);
        assert_eq!((no_data.answers.len(), no_data.authorities.len()), (0, 1));

        let no_name = ask(address, "b.local.gardener.cloud.", RecordType::A).await;
        assert_eq!(no_name.metadata.response_code, ResponseCode::NXDomain);

        let refused = ask(address, "example.com.", RecordType::A).await;
        assert_eq!(refused.metadata.response_code, ResponseCode::Refused);

        stop.cancel();
        task.await.unwrap();
    }

    #[test]
    fn long_texts_are_cut_into_strings() {
        let lengths: Vec<usize> = character_strings(&"x".repeat(600))
            .iter()
            .map(String::len)
            .collect();
        assert_eq!(lengths, [255, 255, 90]);
    }
}
