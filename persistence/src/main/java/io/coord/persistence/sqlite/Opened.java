package io.coord.persistence.sqlite;

import java.util.Optional;

/**
 * A store that was opened.
 *
 * @param store what is in use from now on
 * @param replaced the unusable file that was in its place; empty if there was none
 */
public record Opened<T>(T store, Optional<ReplacedFile> replaced) {}
