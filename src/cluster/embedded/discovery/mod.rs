//! Discovery documents and OpenAPI v3.
