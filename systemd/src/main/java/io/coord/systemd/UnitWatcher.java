package io.coord.systemd;

/**
 * Receives changes of units. A call means only that the {@link ServiceManager#status} may have
 * changed: several changes may arrive as one, and one change as several.
 */
public interface UnitWatcher {
  /** Something about this unit changed. */
  void unitChanged(String unit);

  /**
   * A unit has sent another status text. Each text is told, in the order in which the unit sent
   * them, and before the {@link #unitChanged} that follows from it; texts are missed only while the
   * connection is lost. Returns at once: nothing else is told meanwhile.
   *
   * @param invocation the run that sent it
   * @param statusText not empty
   */
  void statusChanged(String unit, String invocation, String statusText);

  /** The connection is lost; no change is reported until {@link #connectionBack}. */
  void connectionLost(String why);

  /** The connection is back; anything may have changed since it was lost. */
  void connectionBack();
}
