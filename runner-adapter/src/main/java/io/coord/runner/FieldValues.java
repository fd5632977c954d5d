package io.coord.runner;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** The valid values of one request by field. Not for several threads. */
public final class FieldValues {
  private final Map<RequestField<?>, Object> values = new HashMap<>();

  /** Reads a field, under its own key, and keeps the value. */
  public <T> void read(RequestField<T> field, FieldSource source) {
    put(field, field.type().reader().read(source, field.key()));
  }

  /** Keeps a value; empty leaves the field as it is. */
  public <T> void put(RequestField<T> field, Optional<T> value) {
    value.ifPresent(given -> values.put(field, given));
  }

  // Only put() stores, and takes for a field only a value of its type.
  @SuppressWarnings("unchecked")
  public <T> Optional<T> get(RequestField<T> field) {
    return Optional.ofNullable((T) values.get(field));
  }

  public OptionalInt getInt(RequestField<Integer> field) {
    return get(field).map(OptionalInt::of).orElseGet(OptionalInt::empty);
  }

  public OptionalLong getLong(RequestField<Long> field) {
    return get(field).map(OptionalLong::of).orElseGet(OptionalLong::empty);
  }
}
