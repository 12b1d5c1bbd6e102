//! What holds for every object of the API, however it came about: by every rule set, with every
//! combination of gates.

mod defaults;
mod documents;
mod rule_sets;
mod text;
mod validation;
