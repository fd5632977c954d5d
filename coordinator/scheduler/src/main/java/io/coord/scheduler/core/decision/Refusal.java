package io.coord.scheduler.core.decision;

import io.coord.runner.ValidationError;
import java.util.List;
import java.util.Locale;

/**
 * Why a request is refused; nothing was changed.
 *
 * @param code stable, for programs
 * @param message for people, in one line
 * @param errors every single error of an invalid request; empty if the message says it all
 */
public record Refusal(Code code, String message, List<ValidationError> errors) {

  public Refusal {
    errors = List.copyOf(errors);
  }

  public Refusal(Code code, String message) {
    this(code, message, List.of());
  }

  /** Who can do something about it. */
  public Kind kind() {
    return code.kind();
  }

  /** Who can do something about a refusal; exit codes and HTTP statuses follow from it. */
  public enum Kind {
    /** The caller, with a different request. */
    USER,
    /** The caller, with a different id. */
    UNKNOWN_ID,
    /** The same request may work later. */
    NOT_NOW,
    /** The developers: an error in the program. */
    INTERNAL;

    /** As in the API. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** The reasons. Constants are added, never renamed: their words are part of the API. */
  public enum Code {
    /** The request cannot be read, or cannot be run on this machine. */
    INVALID_REQUEST(Kind.USER),
    /** The request is larger than the limit. */
    REQUEST_TOO_LARGE(Kind.USER),
    /** There is no such method and path. */
    NO_SUCH_ENDPOINT(Kind.USER),
    /** The caller may not do this. */
    NOT_PERMITTED(Kind.USER),
    /** No experiment or schedule has this id. */
    UNKNOWN_ID(Kind.UNKNOWN_ID),
    /** The id is in use, or was used before. */
    ID_TAKEN(Kind.USER),
    /** An experiment that has not ended has the same unique key. */
    UNIQUE_KEY_TAKEN(Kind.USER),
    /** A dependency does not exist. */
    UNKNOWN_DEPENDENCY(Kind.USER),
    /** The board has no such power mode. */
    UNKNOWN_POWER_MODE(Kind.USER),
    /** The coordinator has not read yet which power modes the board has. */
    POWER_MODE_NOT_READ(Kind.NOT_NOW),
    /** More than all experiments together may have. */
    EXCEEDS_LIMIT(Kind.USER),
    /** As many experiments wait as may. */
    QUEUE_FULL(Kind.NOT_NOW),
    /** The disk has too little free space to take more. */
    DISK_NEARLY_FULL(Kind.NOT_NOW),
    /** Not possible in the present state of the experiment or group. */
    WRONG_STATE(Kind.USER),
    /** An account, a file or a device cannot be looked up at this moment. */
    LOOKUP_FAILED(Kind.NOT_NOW),
    /** The database cannot be written or read. */
    STORAGE_FAILED(Kind.NOT_NOW),
    /** The database is damaged and takes nothing new. */
    STORAGE_DAMAGED(Kind.NOT_NOW),
    /** Too many requests are in progress. */
    TOO_MANY_REQUESTS(Kind.NOT_NOW),
    /** An error in the program. */
    INTERNAL(Kind.INTERNAL);

    private final Kind kind;

    Code(Kind kind) {
      this.kind = kind;
    }

    /** Who can do something about it. */
    public Kind kind() {
      return kind;
    }

    /** As in the API. */
    public String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }
}
