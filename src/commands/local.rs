//! An embedded environment inside this process: control plane and stack.

use std::{path::PathBuf, sync::Arc};

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::{
    cluster::embedded::{ControlPlane, ControlPlaneOptions},
    config::Environment,
    failure::Failure,
    stack::{self, StackError, admission::StackAdmission},
};

/// A control plane with the stack running on it.
pub(super) struct Local {
    pub(super) control_plane: ControlPlane,
    stack: JoinHandle<Result<(), StackError>>,
    shutdown: CancellationToken,
}

impl Local {
    /// Starts both. Certificates are kept in `pki`, or in memory only.
    pub(super) async fn start(
        environment: &Environment,
        pki: Option<PathBuf>,
    ) -> Result<Self, Failure> {
        let options = stack::Options::for_environment(environment);
        let admission = Arc::new(StackAdmission::new(&options));
        let control_plane = ControlPlane::start(ControlPlaneOptions {
            name: format!("garden6-{}", environment.name),
            state_dir: pki,
            service_cidrs: environment.plan.services(),
            admission: vec![Arc::<StackAdmission>::clone(&admission)],
            crds: stack::crds_as_json(),
            ..ControlPlaneOptions::default()
        })
        .await
        .map_err(|error| {
            Failure::environment(error)
                .hint("the embedded control plane listens on [::1]: check that `::1` is assigned to the loopback interface")
        })?;
        let client = control_plane.client();
        admission.attach(client.clone());
        let shutdown = CancellationToken::new();
        if let Err(error) = stack::bootstrap(&client, &options).await {
            control_plane.shutdown().await;
            return Err(Failure::internal(error));
        }
        let stack = tokio::spawn(stack::run(client, options, shutdown.clone()));
        Ok(Self {
            control_plane,
            stack,
            shutdown,
        })
    }

    /// Ends when the stack does, which it never should before [`Local::stop`].
    pub(super) async fn stack_ended(&mut self) -> Failure {
        match (&mut self.stack).await {
            Ok(Ok(())) => Failure::internal("the controllers ended without being told to"),
            Ok(Err(error)) => Failure::internal(error),
            Err(panic) => Failure::internal(panic),
        }
    }

    /// Stops the controllers, then the control plane.
    pub(super) async fn stop(self) -> Result<(), Failure> {
        self.shutdown.cancel();
        // Controllers that ended before have been reported by `stack_ended`.
        let stack = if self.stack.is_finished() {
            Ok(Ok(()))
        } else {
            self.stack.await
        };
        self.control_plane.shutdown().await;
        stack.map_err(Failure::internal)?.map_err(Failure::internal)
    }
}
