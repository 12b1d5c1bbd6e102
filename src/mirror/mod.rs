//! Container image references, the OCI distribution client and transfers.
