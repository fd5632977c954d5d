/**
 * What can be asked of the coordinator, whoever asks and by whatever way: checks, rights, answers,
 * and their one JSON form.
 */
@NullMarked
package io.coord.server.api;

import org.jspecify.annotations.NullMarked;
