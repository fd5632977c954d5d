package io.coord.thermal;

import java.util.List;

/**
 * How a machine identifies itself.
 *
 * @param compatible the entries of the device tree's {@code compatible}, the most specific first;
 *     missing on a machine without a device tree
 * @param model the board's name, for display only: it differs between JetPack releases
 * @param releaseLine the first line of {@code /etc/nv_tegra_release}; missing where L4T is not
 *     installed
 */
public record BoardIdentity(
    Reading<List<String>> compatible, Reading<String> model, Reading<String> releaseLine) {}
