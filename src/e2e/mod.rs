//! The end-to-end runner: cases, dispatcher, events and reports.
