//! What the user asked for, resolved: environment specification and file locations.
