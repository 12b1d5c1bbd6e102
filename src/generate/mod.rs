//! Typed plans rendered to configuration files: kind, containerd, CNI.
