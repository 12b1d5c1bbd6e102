//! The versioned object map and the ring of recent events.
