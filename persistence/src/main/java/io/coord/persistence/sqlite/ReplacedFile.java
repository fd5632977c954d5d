package io.coord.persistence.sqlite;

import java.nio.file.Path;

/**
 * A file that could not be used, was renamed and has been replaced by a new one.
 *
 * @param renamedTo its name now
 * @param why why it could not be used, for example {@code not an SQLite database}
 */
public record ReplacedFile(Path renamedTo, String why) {}
