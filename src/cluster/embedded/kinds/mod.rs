//! The kinds a control plane serves: built-in ones and those of custom resource definitions.
