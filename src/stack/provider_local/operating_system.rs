//! Operating systems: the files are what gardenlet wrote, no operating system adds any.

use async_trait::async_trait;

use crate::{
    api::extensions::OperatingSystemConfig,
    stack::{context::Context, error::ReconcileError, extension::Actuator},
};

/// Realises every `OperatingSystemConfig` of any type that the cloud profile offers.
pub(crate) struct OperatingSystemActuator;

#[async_trait]
impl Actuator<OperatingSystemConfig> for OperatingSystemActuator {
    async fn reconcile(
        &self,
        _: &Context,
        object: &mut OperatingSystemConfig,
    ) -> Result<(), ReconcileError> {
        object.status.get_or_insert_default();
        Ok(())
    }
}
