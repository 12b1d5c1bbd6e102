//! Everything that reaches the terminal.
