//! Docker Engine: the few things we ask of it, with errors that say what was asked.

use std::{collections::HashMap, time::Duration};

use bollard::{
    API_DEFAULT_VERSION, Docker,
    container::LogOutput,
    errors::Error,
    exec::{CreateExecOptions, StartExecResults},
    models::{
        ContainerInspectResponse, ContainerSummary, ImageInspect, NetworkCreateRequest,
        NetworkInspect,
    },
    query_parameters::{
        CreateImageOptionsBuilder, ListContainersOptionsBuilder, RemoveContainerOptionsBuilder,
        UploadToContainerOptionsBuilder,
    },
};
use futures_util::{StreamExt as _, TryStreamExt as _};
use tokio::time::{Instant, sleep};

use super::KindError;
use crate::{generate::kind::CgroupVersion, progress::Step};

/// The engine's socket where nothing else is said.
pub const DEFAULT_HOST: &str = "unix:///var/run/docker.sock";
/// Label kind puts on the containers of a cluster; its value is the name of the cluster.
pub(super) const CLUSTER_LABEL: &str = "io.x-k8s.kind.cluster";
/// Time for the engine to answer at all.
const PING_TIMEOUT: Duration = Duration::from_secs(5);
/// Time for one request.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(120);
/// Time for containers to be gone, and how often they are looked for.
const REMOVAL: Duration = Duration::from_secs(60);
const REMOVAL_PAUSE: Duration = Duration::from_millis(200);

/// A connection to Docker Engine.
#[derive(Debug, Clone)]
pub struct Engine {
    docker: Docker,
    host: String,
}

/// A file to be put into a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContainerFile {
    /// Absolute path inside the container.
    pub path: String,
    /// Its content.
    pub content: String,
}

/// Which containers are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    filter: &'static str,
    value: String,
}

impl Selection {
    /// The nodes of a kind cluster.
    pub fn cluster(name: &str) -> Self {
        Self::label(CLUSTER_LABEL, name)
    }

    /// Those with a label.
    pub fn label(label: &str, value: &str) -> Self {
        Self {
            filter: "label",
            value: format!("{label}={value}"),
        }
    }

    /// The one of a name. The engine takes a pattern, and its own names begin with a slash.
    pub fn name(name: &str) -> Self {
        Self {
            filter: "name",
            value: format!("^/{name}$"),
        }
    }
}

impl Engine {
    /// Connects, asks for an answer and agrees on an API version.
    ///
    /// # Errors
    ///
    /// [`KindError::EngineUnreachable`], which names the socket.
    pub async fn connect(host: Option<&str>) -> Result<Self, KindError> {
        let host = host.unwrap_or(DEFAULT_HOST).to_owned();
        let unreachable = |source: Error| KindError::EngineUnreachable {
            endpoint: host.clone(),
            source: Box::new(source),
        };
        let docker = if host.starts_with("unix://") {
            Docker::connect_with_unix(&host, REQUEST_TIMEOUT.as_secs(), API_DEFAULT_VERSION)
        } else {
            Docker::connect_with_http(&host, REQUEST_TIMEOUT.as_secs(), API_DEFAULT_VERSION)
        }
        .map_err(unreachable)?;
        let docker = docker
            .with_timeout(PING_TIMEOUT)
            .negotiate_version()
            .await
            .map_err(unreachable)?
            .with_timeout(REQUEST_TIMEOUT);
        Ok(Self { docker, host })
    }

    /// The socket or URL of the connection.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether the engine runs on this machine, as far as its address tells.
    pub fn is_local(&self) -> bool {
        self.host.starts_with("unix://")
    }

    /// Version of the engine and the control groups of its machine.
    pub async fn facts(&self) -> Result<(String, CgroupVersion), KindError> {
        use bollard::models::SystemInfoCgroupVersionEnum::_1;

        let info = self
            .docker
            .info()
            .await
            .map_err(failed("describe itself"))?;
        let cgroups = if info.cgroup_version == Some(_1) {
            CgroupVersion::V1
        } else {
            CgroupVersion::V2
        };
        Ok((info.server_version.unwrap_or_default(), cgroups))
    }

    /// A network by name, if there is one.
    pub async fn network(&self, name: &str) -> Result<Option<NetworkInspect>, KindError> {
        let found = self.docker.inspect_network(name, None).await;
        optional(found).map_err(failed(format!("inspect network `{name}`")))
    }

    /// Every network with its prefixes.
    pub async fn networks(&self) -> Result<Vec<bollard::models::Network>, KindError> {
        self.docker
            .list_networks(None)
            .await
            .map_err(failed("list networks"))
    }

    /// Creates a network.
    pub async fn create_network(&self, request: NetworkCreateRequest) -> Result<(), KindError> {
        let action = format!("create network `{}`", request.name);
        self.docker
            .create_network(request)
            .await
            .map_err(failed(action))?;
        Ok(())
    }

    /// Removes a network that may be gone already.
    pub async fn remove_network(&self, name: &str) -> Result<(), KindError> {
        let removed = self.docker.remove_network(name).await;
        optional(removed).map_err(failed(format!("remove network `{name}`")))?;
        Ok(())
    }

    /// The containers of a kind cluster, running or not.
    pub async fn cluster_containers(
        &self,
        cluster: &str,
    ) -> Result<Vec<ContainerSummary>, KindError> {
        self.containers(&Selection::cluster(cluster)).await
    }

    /// The containers that a selection means, running or not, by name.
    pub async fn containers(
        &self,
        selection: &Selection,
    ) -> Result<Vec<ContainerSummary>, KindError> {
        let Selection { filter, value } = selection;
        let options = ListContainersOptionsBuilder::default()
            .all(true)
            .filters(&HashMap::from([(*filter, vec![value.as_str()])]))
            .build();
        let mut containers = self
            .docker
            .list_containers(Some(options))
            .await
            .map_err(failed(format!("list containers with {filter} {value}")))?;
        containers.sort_by_key(container_name);
        Ok(containers)
    }

    /// Removes the containers that a selection means, until none of them is listed.
    ///
    /// A container that is being created is listed, cannot be removed, and is there a moment later.
    pub async fn remove_containers(&self, selection: &Selection) -> Result<(), KindError> {
        let started = Instant::now();
        loop {
            let names: Vec<String> = self
                .containers(selection)
                .await?
                .iter()
                .map(container_name)
                .collect();
            if names.is_empty() {
                return Ok(());
            }
            if started.elapsed() > REMOVAL {
                return Err(KindError::NotRemoved {
                    containers: names.join(", "),
                });
            }
            for name in &names {
                self.remove_container(name).await?;
            }
            sleep(REMOVAL_PAUSE).await;
        }
    }

    /// A container by name, if there is one.
    pub async fn container(
        &self,
        name: &str,
    ) -> Result<Option<ContainerInspectResponse>, KindError> {
        let found = self.docker.inspect_container(name, None).await;
        optional(found).map_err(failed(format!("inspect container `{name}`")))
    }

    /// Creates a container and starts it.
    pub async fn run_container(
        &self,
        name: &str,
        body: bollard::models::ContainerCreateBody,
    ) -> Result<(), KindError> {
        let options = bollard::query_parameters::CreateContainerOptionsBuilder::default()
            .name(name)
            .build();
        self.docker
            .create_container(Some(options), body)
            .await
            .map_err(failed(format!("create container `{name}`")))?;
        self.start_container(name).await
    }

    /// Starts a container that may run already.
    pub async fn start_container(&self, name: &str) -> Result<(), KindError> {
        match self.docker.start_container(name, None).await {
            Err(Error::DockerResponseServerError {
                status_code: 304, ..
            })
            | Ok(()) => Ok(()),
            Err(error) => Err(failed(format!("start container `{name}`"))(error)),
        }
    }

    /// Removes a container with its anonymous volumes; it may be gone already.
    pub async fn remove_container(&self, name: &str) -> Result<(), KindError> {
        let options = RemoveContainerOptionsBuilder::default()
            .force(true)
            .v(true)
            .build();
        let removed = self.docker.remove_container(name, Some(options)).await;
        optional(removed).map_err(failed(format!("remove container `{name}`")))?;
        Ok(())
    }

    /// A volume's labels, if there is such a volume.
    pub async fn volume_labels(
        &self,
        name: &str,
    ) -> Result<Option<HashMap<String, String>>, KindError> {
        let found = optional(self.docker.inspect_volume(name).await)
            .map_err(failed(format!("inspect volume `{name}`")))?;
        Ok(found.map(|volume| volume.labels))
    }

    /// Creates a volume.
    pub async fn create_volume(
        &self,
        name: &str,
        labels: HashMap<String, String>,
    ) -> Result<(), KindError> {
        let request = bollard::models::VolumeCreateRequest {
            name: Some(name.to_owned()),
            labels: Some(labels),
            ..Default::default()
        };
        self.docker
            .create_volume(request)
            .await
            .map_err(failed(format!("create volume `{name}`")))?;
        Ok(())
    }

    /// Removes a volume that may be gone already.
    pub async fn remove_volume(&self, name: &str) -> Result<(), KindError> {
        let removed = self
            .docker
            .remove_volume(name, None::<bollard::query_parameters::RemoveVolumeOptions>)
            .await;
        optional(removed).map_err(failed(format!("remove volume `{name}`")))?;
        Ok(())
    }

    /// An image by reference, if the engine has it.
    pub async fn image(&self, reference: &str) -> Result<Option<ImageInspect>, KindError> {
        let found = self.docker.inspect_image(reference).await;
        optional(found).map_err(failed(format!("inspect image {reference}")))
    }

    /// Makes sure that the engine has an image, and pulls it otherwise.
    ///
    /// # Errors
    ///
    /// [`KindError::ImageMissing`] with the reason why it cannot be pulled.
    pub async fn require_image(
        &self,
        reference: &str,
        purpose: &'static str,
        step: &Step,
    ) -> Result<(), KindError> {
        if self.image(reference).await?.is_some() {
            return Ok(());
        }
        step.detail(format!("pulling {reference}"));
        let options = CreateImageOptionsBuilder::default()
            .from_image(reference)
            .build();
        let mut pull = self.docker.create_image(Some(options), None, None);
        while let Some(event) = pull.next().await {
            event.map_err(|source| KindError::ImageMissing {
                purpose,
                image: reference.to_owned(),
                source: Box::new(source),
            })?;
        }
        Ok(())
    }

    /// Runs a command in a container and returns what it wrote to standard output.
    ///
    /// # Errors
    ///
    /// [`KindError::Exec`] with everything it wrote, if it did not end with zero.
    pub async fn exec(&self, container: &str, command: &[&str]) -> Result<String, KindError> {
        let action = || format!("run `{}` in container `{container}`", command.join(" "));
        let options = CreateExecOptions {
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            cmd: Some(command.to_vec()),
            ..CreateExecOptions::default()
        };
        let exec = self
            .docker
            .create_exec(container, options)
            .await
            .map_err(failed(action()))?
            .id;
        let started = self
            .docker
            .start_exec(&exec, None)
            .await
            .map_err(failed(action()))?;
        let (mut stdout, mut stderr) = (String::new(), String::new());
        if let StartExecResults::Attached { mut output, .. } = started {
            while let Some(chunk) = output.try_next().await.map_err(failed(action()))? {
                let text = String::from_utf8_lossy(chunk.as_ref());
                match chunk {
                    LogOutput::StdErr { .. } => stderr.push_str(&text),
                    _ => stdout.push_str(&text),
                }
            }
        }
        let ended = self
            .docker
            .inspect_exec(&exec)
            .await
            .map_err(failed(action()))?;
        match ended.exit_code.unwrap_or_default() {
            0 => Ok(stdout),
            code => Err(KindError::Exec {
                container: container.to_owned(),
                command: command.join(" "),
                code,
                output: format!("{stdout}{stderr}").trim().to_owned(),
            }),
        }
    }

    /// Puts files into a container; missing folders are made.
    pub async fn put_files(
        &self,
        container: &str,
        files: &[ContainerFile],
    ) -> Result<(), KindError> {
        let options = UploadToContainerOptionsBuilder::default().path("/").build();
        let archive = bollard::body_full(archive(files).into());
        self.docker
            .upload_to_container(container, Some(options), archive)
            .await
            .map_err(failed(format!("put files into container `{container}`")))
    }

    /// Reads one file of an image without running it.
    ///
    /// `None` if the image has no such file.
    pub async fn file_of_image(
        &self,
        image: &str,
        path: &str,
        labels: HashMap<String, String>,
    ) -> Result<Option<String>, KindError> {
        let action = || format!("read {path} of image {image}");
        let body = bollard::models::ContainerCreateBody {
            image: Some(image.to_owned()),
            labels: Some(labels),
            ..Default::default()
        };
        let container = self
            .docker
            .create_container(
                None::<bollard::query_parameters::CreateContainerOptions>,
                body,
            )
            .await
            .map_err(failed(action()))?
            .id;
        let options = bollard::query_parameters::DownloadFromContainerOptionsBuilder::default()
            .path(path)
            .build();
        let downloaded: Result<Vec<_>, Error> = self
            .docker
            .download_from_container(&container, Some(options))
            .try_collect()
            .await;
        self.remove_container(&container).await?;
        let chunks = optional(downloaded).map_err(failed(action()))?;
        Ok(chunks.and_then(|chunks| first_file(&chunks.concat())))
    }
}

/// The name of a container without the engine's leading slash.
pub fn container_name(container: &ContainerSummary) -> String {
    container
        .names
        .iter()
        .flatten()
        .next()
        .map(|name| name.trim_start_matches('/').to_owned())
        .unwrap_or_default()
}

fn failed(action: impl Into<String>) -> impl FnOnce(Error) -> KindError {
    let action = action.into();
    move |source| KindError::Engine {
        action,
        source: Box::new(source),
    }
}

/// Not found is an answer, not an error.
fn optional<T>(result: Result<T, Error>) -> Result<Option<T>, Error> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(Error::DockerResponseServerError {
            status_code: 404, ..
        }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// A tar archive of files; folders come into being when it is unpacked.
fn archive(files: &[ContainerFile]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for file in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(file.content.len() as u64);
        header.set_mode(0o644);
        header.set_entry_type(tar::EntryType::Regular);
        builder
            .append_data(
                &mut header,
                file.path.trim_start_matches('/'),
                file.content.as_bytes(),
            )
            .expect("invariant: writing to memory does not fail and the paths are relative");
    }
    builder
        .into_inner()
        .expect("invariant: writing to memory does not fail")
}

fn first_file(archive: &[u8]) -> Option<String> {
    use std::io::Read as _;

    let mut archive = tar::Archive::new(archive);
    let mut entry = archive.entries().ok()?.next()?.ok()?;
    let mut text = String::new();
    entry.read_to_string(&mut text).ok()?;
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_come_back_out_of_an_archive() {
        let file = ContainerFile {
            path: "/etc/containerd/certs.d/registry.example:5001/hosts.toml".to_owned(),
            content: "server = \"x\"\n".to_owned(),
        };
        let bytes = archive(std::slice::from_ref(&file));
        assert_eq!(first_file(&bytes), Some(file.content));
        let mut archive = tar::Archive::new(bytes.as_slice());
        let entry = archive.entries().unwrap().next().unwrap().unwrap();
        let path = entry.path().unwrap().to_string_lossy().into_owned();
        assert_eq!(
            path,
            "etc/containerd/certs.d/registry.example:5001/hosts.toml"
        );
    }
}
