//! Everything that reaches the terminal. Standard output carries data only, the rest goes to
//! standard error.

mod bars;
mod lines;
mod style;
mod table;
mod terminal;

pub use style::Style;
pub use table::Table;
pub use terminal::{Colour, Format, ReportFormat, Ui, UiOptions, terminal_width};
