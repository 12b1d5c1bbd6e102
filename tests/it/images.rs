//! `garden6 images`: the command, and real files of other projects.

mod command;
mod real_files;
