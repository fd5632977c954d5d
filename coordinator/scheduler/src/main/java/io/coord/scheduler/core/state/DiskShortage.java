package io.coord.scheduler.core.state;

import io.coord.runner.ByteSize;
import java.util.List;

/**
 * A disk that is nearly full.
 *
 * @param freeBytes what is free in the state directory
 * @param wantedBytes with less than that nothing is enqueued
 */
public record DiskShortage(long freeBytes, long wantedBytes) {

  /** Both amounts, for people. */
  public String sentence() {
    List<String> sizes = ByteSize.formatApart(freeBytes, wantedBytes);
    return "%s are free on the coordinator's disk, and at least %s must be (MIN_FREE_SPACE)"
        .formatted(sizes.get(0), sizes.get(1));
  }
}
