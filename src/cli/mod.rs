//! Arguments only: what may be typed, and how it maps to a command.
