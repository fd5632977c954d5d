package io.coord.systemd;

/**
 * Hears that something happened to units. A call says only that it is worth looking again ({@link
 * ServiceManager#status}): several happenings may arrive as one, and one as several.
 */
public interface UnitWatcher {
  /** Something about this unit changed. */
  void unitChanged(String unit);

  /** The connection is gone; nothing is heard until {@link #connectionBack}. */
  void connectionLost(String why);

  /** The connection is there again; anything may have happened since it was lost. */
  void connectionBack();
}
