package io.coord.thermal;

/**
 * A power mode by id and name, because each alone may mean another mode after an update or on
 * another board.
 *
 * @param id for example 2
 * @param name for example {@code MODE_30W}
 */
public record CurrentMode(int id, String name) {

  /** For sentences: {@code 'MODE_30W' (2)}. */
  @Override
  public String toString() {
    return "'%s' (%d)".formatted(name, id);
  }
}
