package io.coord.systemd;

import java.util.OptionalInt;

/**
 * What a service manager knows of one slice at one moment.
 *
 * @param slice its name
 * @param processorPercent the processor time that all in it may use together, in percent of one
 *     core; rounded up; empty if that is not limited
 * @param frozen whether it was frozen as a whole and is so still. False proves little: as systemd
 *     252 stops a unit in a frozen slice, it thaws the slice and leaves all others in it frozen
 * @param controlGroup the path of its cgroup; empty while nothing was started in it
 */
public record SliceStatus(
    String slice, OptionalInt processorPercent, boolean frozen, String controlGroup) {}
