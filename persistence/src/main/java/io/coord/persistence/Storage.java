package io.coord.persistence;

/**
 * How a ledger keeps what it is given.
 *
 * @param journalMode SQLite's, for example {@code wal}; {@code memory} for one that forgets
 * @param synchronous when commits are flushed to the disk: {@code off}, {@code normal}, {@code
 *     full} or {@code extra}
 * @param schema the version of what is in it
 * @param checked whether the whole was read since it was opened ({@link Ledger#check})
 */
public record Storage(String journalMode, String synchronous, int schema, boolean checked) {}
