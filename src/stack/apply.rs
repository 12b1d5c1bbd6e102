//! Server-side apply of the objects that the stack itself brings.

use std::fmt::Debug;

use kube::{
    Api, Resource, ResourceExt as _,
    api::{Patch, PatchParams},
};
use serde::{Serialize, de::DeserializeOwned};

use super::{StackError, names::FIELD_MANAGER};

/// Creates or updates an object. What others own of it becomes ours: nobody else defines it.
pub(super) async fn apply<K>(api: &Api<K>, object: &K) -> Result<(), StackError>
where
    K: Resource<DynamicType = ()> + Serialize + DeserializeOwned + Clone + Debug,
{
    let name = object.name_any();
    let params = PatchParams::apply(FIELD_MANAGER).force();
    api.patch(&name, &params, &Patch::Apply(object))
        .await
        .map_err(StackError::api(format!("apply {} {name}", K::kind(&()))))?;
    Ok(())
}
