package io.coord.systemd;

/**
 * Receives changes of units. A call means only that the {@link ServiceManager#status} may have
 * changed: several changes may arrive as one, and one change as several.
 */
public interface UnitWatcher {
  /** Something about this unit changed. */
  void unitChanged(String unit);

  /** The connection is lost; no change is reported until {@link #connectionBack}. */
  void connectionLost(String why);

  /** The connection is back; anything may have changed since it was lost. */
  void connectionBack();
}
