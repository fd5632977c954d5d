package io.coord.persistence;

/**
 * The settings of a ledger's store.
 *
 * @param journalMode SQLite's, for example {@code wal}; {@code memory} for a ledger in memory
 * @param synchronous when commits are flushed to the disk: {@code off}, {@code normal}, {@code
 *     full} or {@code extra}
 * @param schema the schema version of the file
 * @param checked whether {@link Ledger#check} has read all of it since it was opened
 */
public record Storage(String journalMode, String synchronous, int schema, boolean checked) {}
