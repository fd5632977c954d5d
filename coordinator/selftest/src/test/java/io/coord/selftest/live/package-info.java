/**
 * The whole coordinator for real: a daemon in a process of its own, the service manager of the user
 * on the session bus, real cgroups, experiments that are small programs. Only the thermal zones are
 * files that the tests write.
 *
 * <p>Nothing here knows the daemon's inside: it is asked over its socket, its log and its database
 * are read, and what the kernel gave an experiment is told by the experiment itself.
 */
@NullMarked
package io.coord.selftest.live;

import org.jspecify.annotations.NullMarked;
