//! One request in, one outcome out: the verbs of the Kubernetes API for every kind.
