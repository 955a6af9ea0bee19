/**
 * Number of the way in which plugins are read. Bumped by a release that makes another manifest of the same files and entry, so
 * that a lock made before is told from one that was tampered with.
 */
export const READER_VERSION = 1;
