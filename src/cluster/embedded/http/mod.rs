//! The HTTP skin: TLS, request grammar, content negotiation, tables.
