package io.coord.server.api;

import io.coord.runner.Spec;

/**
 * A request that was read without an error.
 *
 * @param text as it is stored
 * @param spec what it means
 */
record ParsedRequest(String text, Spec spec) {}
