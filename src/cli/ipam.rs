//! Arguments of `garden6 ipam`.

use std::{collections::BTreeMap, path::PathBuf};

use clap::{ArgGroup, Args, Subcommand, ValueEnum};

use crate::{
    commands::{Context, ipam},
    exit::Exit,
    failure::Failure,
    ipam::network::{AddressRequest, AllocateRequest, AllocationKind, CreateRequest},
    ui::Format,
};

/// What all of them say about how they end.
const EXIT_CODES: &str = "\
Exit codes: 0 done; 1 it cannot be had (taken, used up, in use, unknown); 2 what was asked for is
wrong; 3 the store cannot be used. A request is carried out as a whole or not at all.";

#[derive(Debug, Subcommand)]
pub(super) enum IpamCommand {
    /// Networks with prefixes of both families
    #[command(subcommand)]
    Network(NetworkCommand),
    /// Addresses of networks
    #[command(subcommand)]
    Ip(IpCommand),
}

#[derive(Debug, Subcommand)]
pub(super) enum NetworkCommand {
    /// Create a network with prefixes of its own
    #[command(after_help = format!("{EXIT_CODES}

Examples:
  garden6 ipam network create -f tenant-super.yaml
  garden6 ipam network create --id internet --prefixes 203.0.113.128/25,2001:db8:0:113::/64 --nat"))]
    Create(Box<CreateArgs>),
    /// Allocate a network from the private super network of a partition
    #[command(after_help = format!("{EXIT_CODES}

Examples:
  garden6 ipam network allocate --partition p1 --project a --name db
  garden6 ipam network allocate --partition p1 --project a --addressfamily IPv6 --length IPv6=80"))]
    Allocate(Box<AllocateArgs>),
    /// List networks
    #[command(visible_alias = "ls")]
    List(ListNetworksArgs),
    /// Show a network and how full it is
    Describe(DescribeArgs),
    /// Delete networks; allocated ones go back to where they are from
    #[command(visible_aliases = ["rm", "free"], after_help = EXIT_CODES)]
    Delete(DeleteNetworksArgs),
}

#[derive(Debug, Subcommand)]
pub(super) enum IpCommand {
    /// Give a project an address of a network
    #[command(after_help = format!("{EXIT_CODES}

Without a family the address is IPv4, unless the network has IPv6 only.

Examples:
  garden6 ipam ip create --network internet --project a
  garden6 ipam ip create --network internet --project a --addressfamily IPv6
  garden6 ipam ip create --network internet --project a --ipaddress 2001:db8:0:113::142"))]
    Create(Box<CreateIpArgs>),
    /// List addresses
    #[command(visible_alias = "ls")]
    List(ListIpsArgs),
    /// Take addresses back
    #[command(visible_aliases = ["rm", "free"], after_help = EXIT_CODES)]
    Delete(DeleteIpsArgs),
}

#[derive(Debug, Args)]
struct CommonArgs {
    /// File of the store; default is in the state folder
    #[arg(long, value_name = "FILE")]
    store: Option<PathBuf>,
    /// Shape of the result on standard output
    #[arg(short = 'o', long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

impl CommonArgs {
    fn run<A: ipam::Action>(self, context: &Context, action: A) -> Result<Exit, Failure> {
        let request = ipam::Request {
            action,
            store: self.store,
            format: self.format,
        };
        ipam::run(context, &request)
    }
}

/// A family and a prefix length, as in `IPv6=96`.
fn length(text: &str) -> Result<(String, u8), String> {
    let (family, length) = text
        .split_once('=')
        .ok_or_else(|| "expected FAMILY=LENGTH, as in IPv6=96".to_owned())?;
    let length = length
        .parse()
        .map_err(|_| format!("`{length}` is no prefix length"))?;
    Ok((family.to_owned(), length))
}

/// A label, as in `team=db`.
fn label(text: &str) -> Result<(String, String), String> {
    let (key, value) = text
        .split_once('=')
        .ok_or_else(|| "expected KEY=VALUE".to_owned())?;
    Ok((key.to_owned(), value.to_owned()))
}

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("own").multiple(true)))]
#[expect(clippy::struct_excessive_bools, reason = "they are independent flags")]
pub(super) struct CreateArgs {
    /// YAML with one network per document; `-` is standard input
    #[arg(short, long, value_name = "FILE", conflicts_with = "own")]
    file: Option<PathBuf>,
    /// Unique name; one is made up where none is given
    #[arg(long, group = "own")]
    id: Option<String>,
    /// Name for people
    #[arg(long, group = "own")]
    name: Option<String>,
    /// What it is for
    #[arg(long, group = "own")]
    description: Option<String>,
    /// Partition that it is in
    #[arg(long, group = "own")]
    partition: Option<String>,
    /// Project that it belongs to
    #[arg(long, group = "own")]
    project: Option<String>,
    /// Prefixes of both families
    #[arg(
        long,
        value_name = "CIDR",
        value_delimiter = ',',
        group = "own",
        required_unless_present = "file"
    )]
    prefixes: Vec<String>,
    /// What is reached through it
    #[arg(long, value_name = "CIDR", value_delimiter = ',', group = "own")]
    destination_prefixes: Vec<String>,
    /// How long the prefixes of children are by default, as in IPv4=22,IPv6=96
    #[arg(long, visible_alias = "defaultchildprefixlength", value_name = "FAMILY=LENGTH", value_delimiter = ',', value_parser = length, group = "own")]
    default_child_prefix_length: Vec<(String, u8)>,
    /// What machines of children may announce
    #[arg(
        long,
        visible_alias = "additionalannouncablecidrs",
        value_name = "CIDR",
        value_delimiter = ',',
        group = "own"
    )]
    additional_announcable_cidrs: Vec<String>,
    /// Children are taken from it
    #[arg(long, visible_alias = "privatesuper", group = "own")]
    private_super: bool,
    /// It carries the fabric
    #[arg(long, group = "own")]
    underlay: bool,
    /// Addresses are translated on the way out
    #[arg(long, group = "own")]
    nat: bool,
    /// Other projects may have addresses from it
    #[arg(long, group = "own")]
    shared: bool,
    /// Number of its VRF
    #[arg(long, group = "own")]
    vrf: Option<u32>,
    /// Other networks may have the same VRF
    #[arg(long, visible_alias = "vrfshared", group = "own")]
    vrf_shared: bool,
    /// Labels, as in team=db
    #[arg(long, value_name = "KEY=VALUE", value_delimiter = ',', value_parser = label, group = "own")]
    labels: Vec<(String, String)>,
    #[command(flatten)]
    common: CommonArgs,
}

impl From<&CreateArgs> for CreateRequest {
    fn from(args: &CreateArgs) -> Self {
        let lengths = &args.default_child_prefix_length;
        Self {
            id: args.id.clone().unwrap_or_default(),
            name: args.name.clone().unwrap_or_default(),
            description: args.description.clone().unwrap_or_default(),
            partition_id: args.partition.clone().unwrap_or_default(),
            project_id: args.project.clone().unwrap_or_default(),
            prefixes: args.prefixes.clone(),
            destination_prefixes: args.destination_prefixes.clone(),
            default_child_prefix_length: (!lengths.is_empty())
                .then(|| lengths.iter().cloned().collect()),
            additional_announcable_cidrs: args.additional_announcable_cidrs.clone(),
            private_super: args.private_super,
            underlay: args.underlay,
            nat: args.nat,
            shared: args.shared,
            vrf: args.vrf,
            vrf_shared: args.vrf_shared,
            labels: args.labels.iter().cloned().collect(),
        }
    }
}

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("own").multiple(true)))]
pub(super) struct AllocateArgs {
    /// YAML with one request per document; `-` is standard input
    #[arg(short, long, value_name = "FILE", conflicts_with = "own")]
    file: Option<PathBuf>,
    /// Partition whose super network it is taken from
    #[arg(long, group = "own", required_unless_present = "file")]
    partition: Option<String>,
    /// Project that it belongs to
    #[arg(long, group = "own", required_unless_present = "file")]
    project: Option<String>,
    /// Unique name; one is made up where none is given
    #[arg(long, group = "own")]
    id: Option<String>,
    /// Name for people
    #[arg(long, group = "own")]
    name: Option<String>,
    /// What it is for
    #[arg(long, group = "own")]
    description: Option<String>,
    /// Only this family, IPv4 or IPv6
    #[arg(
        long,
        visible_alias = "address-family",
        value_name = "FAMILY",
        group = "own"
    )]
    addressfamily: Option<String>,
    /// How long its prefixes are, as in IPv4=24,IPv6=80; default is what the super network says
    #[arg(long, value_name = "FAMILY=LENGTH", value_delimiter = ',', value_parser = length, group = "own")]
    length: Vec<(String, u8)>,
    /// What is reached through it
    #[arg(long, value_name = "CIDR", value_delimiter = ',', group = "own")]
    destination_prefixes: Vec<String>,
    /// Addresses are translated on the way out
    #[arg(long, group = "own")]
    nat: bool,
    /// Other projects may have addresses from it
    #[arg(long, group = "own")]
    shared: bool,
    /// Labels, as in team=db
    #[arg(long, value_name = "KEY=VALUE", value_delimiter = ',', value_parser = label, group = "own")]
    labels: Vec<(String, String)>,
    #[command(flatten)]
    common: CommonArgs,
}

impl From<&AllocateArgs> for AllocateRequest {
    fn from(args: &AllocateArgs) -> Self {
        let length: BTreeMap<String, u8> = args.length.iter().cloned().collect();
        Self {
            id: args.id.clone().unwrap_or_default(),
            name: args.name.clone().unwrap_or_default(),
            description: args.description.clone().unwrap_or_default(),
            partition_id: args.partition.clone().unwrap_or_default(),
            project_id: args.project.clone().unwrap_or_default(),
            address_family: args.addressfamily.clone(),
            length,
            destination_prefixes: args.destination_prefixes.clone(),
            nat: args.nat,
            shared: args.shared,
            labels: args.labels.iter().cloned().collect(),
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct ListNetworksArgs {
    /// Only those of this project
    #[arg(long)]
    project: Option<String>,
    /// Only those of this partition
    #[arg(long)]
    partition: Option<String>,
    #[command(flatten)]
    common: CommonArgs,
}

#[derive(Debug, Args)]
pub(super) struct DescribeArgs {
    /// Id of the network
    id: String,
    #[command(flatten)]
    common: CommonArgs,
}

#[derive(Debug, Args)]
pub(super) struct DeleteNetworksArgs {
    /// Ids of the networks
    #[arg(required = true)]
    ids: Vec<String>,
    #[command(flatten)]
    common: CommonArgs,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Kind {
    /// As long as what uses it
    #[default]
    Ephemeral,
    /// Until it is deleted
    Static,
}

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("own").multiple(true)))]
pub(super) struct CreateIpArgs {
    /// YAML with one request per document; `-` is standard input
    #[arg(short, long, value_name = "FILE", conflicts_with = "own")]
    file: Option<PathBuf>,
    /// Network that it is from
    #[arg(long, group = "own", required_unless_present = "file")]
    network: Option<String>,
    /// Project that wants it
    #[arg(long, group = "own", required_unless_present = "file")]
    project: Option<String>,
    /// Exactly this address
    #[arg(long, value_name = "ADDRESS", group = "own")]
    ipaddress: Option<String>,
    /// Any address of this family, IPv4 or IPv6
    #[arg(
        long,
        visible_alias = "address-family",
        value_name = "FAMILY",
        group = "own"
    )]
    addressfamily: Option<String>,
    /// Name for people
    #[arg(long, group = "own")]
    name: Option<String>,
    /// What it is for
    #[arg(long, group = "own")]
    description: Option<String>,
    /// How long it lives
    #[arg(long = "type", value_name = "TYPE", group = "own")]
    kind: Option<Kind>,
    /// Tags
    #[arg(long, value_delimiter = ',', group = "own")]
    tags: Vec<String>,
    #[command(flatten)]
    common: CommonArgs,
}

impl From<&CreateIpArgs> for AddressRequest {
    fn from(args: &CreateIpArgs) -> Self {
        Self {
            allocation_uuid: String::new(),
            name: args.name.clone().unwrap_or_default(),
            description: args.description.clone().unwrap_or_default(),
            network_id: args.network.clone().unwrap_or_default(),
            project_id: args.project.clone().unwrap_or_default(),
            address: args.ipaddress.clone(),
            address_family: args.addressfamily.clone(),
            kind: match args.kind.unwrap_or_default() {
                Kind::Ephemeral => AllocationKind::Ephemeral,
                Kind::Static => AllocationKind::Static,
            },
            tags: args.tags.clone(),
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct ListIpsArgs {
    /// Only those of this project
    #[arg(long)]
    project: Option<String>,
    /// Only those of this network
    #[arg(long)]
    network: Option<String>,
    #[command(flatten)]
    common: CommonArgs,
}

#[derive(Debug, Args)]
pub(super) struct DeleteIpsArgs {
    /// The addresses
    #[arg(required = true)]
    addresses: Vec<String>,
    #[command(flatten)]
    common: CommonArgs,
}

impl IpamCommand {
    pub(super) fn run(self, context: &Context) -> Result<Exit, Failure> {
        match self {
            Self::Network(command) => command.run(context),
            Self::Ip(command) => command.run(context),
        }
    }
}

impl NetworkCommand {
    fn run(self, context: &Context) -> Result<Exit, Failure> {
        match self {
            Self::Create(args) => {
                let request = CreateRequest::from(&*args);
                let file = args.file;
                args.common.run(context, ipam::Create { file, request })
            }
            Self::Allocate(args) => {
                let request = AllocateRequest::from(&*args);
                let file = args.file;
                args.common.run(context, ipam::Allocate { file, request })
            }
            Self::List(args) => {
                let (project, partition) = (args.project, args.partition);
                args.common.run(context, ipam::List { project, partition })
            }
            Self::Describe(args) => args.common.run(context, ipam::Describe { id: args.id }),
            Self::Delete(args) => args.common.run(context, ipam::Delete { ids: args.ids }),
        }
    }
}

impl IpCommand {
    fn run(self, context: &Context) -> Result<Exit, Failure> {
        match self {
            Self::Create(args) => {
                let request = AddressRequest::from(&*args);
                let file = args.file;
                args.common.run(context, ipam::CreateIp { file, request })
            }
            Self::List(args) => {
                let (project, network) = (args.project, args.network);
                args.common.run(context, ipam::ListIps { project, network })
            }
            Self::Delete(args) => {
                let addresses = args.addresses;
                args.common.run(context, ipam::DeleteIp { addresses })
            }
        }
    }
}
