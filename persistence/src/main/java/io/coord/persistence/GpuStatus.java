package io.coord.persistence;

import java.util.OptionalInt;

/**
 * What the GPU does.
 *
 * @param loadPercent how busy it is, 0 to 100; empty where the board does not say
 * @param megahertz its clock; empty where the board does not say
 */
public record GpuStatus(OptionalInt loadPercent, OptionalInt megahertz) {

  /** Of a board that says nothing about its GPU. */
  public static final GpuStatus UNKNOWN = new GpuStatus(OptionalInt.empty(), OptionalInt.empty());

  public GpuStatus {
    loadPercent.ifPresent(
        percent -> {
          if (percent < 0 || percent > 100) {
            throw new IllegalArgumentException("GPU load is not 0 to 100 percent: " + percent);
          }
        });
  }
}
