package io.coord.thermal;

/** The sensors of a machine, the thermal zones among them. For one thread at a time. */
public interface BoardSensors {

  /**
   * Reads everything once. What cannot be read is missing with a reason and hides nothing else.
   *
   * <p>Not to be called more than once per second: reading the GPU's load keeps an idle GPU from
   * powering down, and the rails are averages over half a second. The caller paces.
   */
  BoardSnapshot read();
}
