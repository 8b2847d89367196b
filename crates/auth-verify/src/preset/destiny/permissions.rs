//! What the repository asks of its callers.

/// The roles of programs at Entra ID, and of everybody in the realm; people at Entra have the scope of the same name
/// with `.all` behind it.
pub mod permission {
    /// May do everything that the system group of routes does.
    pub const ADMINISTRATOR: &str = "administrator";
    /// Imports.
    pub const IMPORT_WRITER: &str = "import.writer";
    /// References, search and exports.
    pub const REFERENCE_READER: &str = "reference.reader";
    /// Full texts of references.
    pub const FULL_TEXT_READER: &str = "reference.full_text.reader";
    /// Deduplication and its decisions.
    pub const DEDUPLICATOR: &str = "reference.deduplicator";
    /// Requests for enhancements.
    pub const ENHANCEMENT_WRITER: &str = "enhancement_request.writer";
    /// Robots.
    pub const ROBOT_WRITER: &str = "robot.writer";
    /// What robots may do.
    pub const ROBOT_ENTITLEMENT_WRITER: &str = "robot.entitlement.writer";
}
