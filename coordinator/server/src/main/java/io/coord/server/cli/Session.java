package io.coord.server.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.coord.scheduler.core.decision.Refusal;
import io.coord.scheduler.core.decision.RequestOutcome;
import io.coord.server.api.Caller;
import io.coord.server.api.Coordinator;
import io.coord.server.api.ExitCodes;
import io.coord.server.api.RefusalStatus;
import io.coord.server.api.Views;
import java.io.InterruptedIOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The context in which one command line runs; for one thread. */
final class Session {
  final Coordinator coordinator;
  final CommandLineRequest request;
  final Caller caller;
  final CommandOutput output;

  /** The output as it is, with control characters. */
  final CommandOutput raw;

  final EnvironmentRules environmentRules;
  private final InstantSource clock;
  private final PrintWriter writer;
  private List<String> command = List.of();
  private boolean commandGiven;

  Session(
      Coordinator coordinator,
      InstantSource clock,
      CommandLineRequest request,
      Caller caller,
      CommandOutput output,
      EnvironmentRules environmentRules) {
    this.coordinator = coordinator;
    this.clock = clock;
    this.request = request;
    this.caller = caller;
    this.raw = output;
    this.environmentRules = environmentRules;
    // Redirected output is not shown; whoever shows it later decides.
    this.output = request.columns() > 0 ? new TerminalOutput(output) : output;
    this.writer = new PrintWriter(new ToOutput(this.output), false);
  }

  /** Sets the words after {@code --}. */
  void command(List<String> words, boolean given) {
    this.command = words;
    this.commandGiven = given;
  }

  List<String> command() {
    return command;
  }

  boolean commandGiven() {
    return commandGiven;
  }

  PrintWriter writer() {
    return writer;
  }

  Instant now() {
    return clock.instant();
  }

  /**
   * The daemon is stopping. The command has not ended, and gets no exit code: its client continues
   * it with the next daemon, see {@link CommandOutput#resumeWith}.
   */
  static UncheckedIOException stopping() {
    Thread.currentThread().interrupt();
    return new UncheckedIOException(new InterruptedIOException("the daemon is stopping"));
  }

  <T> T await(CompletableFuture<T> answer) {
    return answer.join();
  }

  void print(JsonNode json) {
    output.out(json.toPrettyString() + "\n");
  }

  /** Prints an outcome that concerns no single experiment; returns the exit code. */
  int report(RequestOutcome outcome, boolean json) {
    if (outcome instanceof RequestOutcome.Refused refused) {
      return refuse(refused.refusal(), json);
    }
    String message =
        outcome instanceof RequestOutcome.Acknowledged acknowledged
            ? acknowledged.message()
            : "done";
    return acknowledge(message, json);
  }

  /** Prints what was done; returns the exit code. */
  int acknowledge(String message, boolean json) {
    if (json) {
      print(JsonNodeFactory.instance.objectNode().put("done", message));
    } else {
      output.out(message + "\n");
    }
    return ExitCodes.OK;
  }

  /** Prints a refusal; returns the exit code. */
  int refuse(Refusal refusal, boolean json) {
    if (json) {
      print(Views.of(refusal));
    }
    return explain(refusal);
  }

  /** Says on standard error why something was refused; returns the exit code. */
  int explain(Refusal refusal) {
    output.error("coord: " + refusal.message());
    if (refusal.errors().size() > 1) {
      refusal.errors().forEach(error -> output.error("  " + error));
    }
    return RefusalStatus.of(refusal.kind()).exitCode();
  }

  private static final class ToOutput extends Writer {
    private final CommandOutput output;
    private final StringBuilder pending = new StringBuilder();

    ToOutput(CommandOutput output) {
      this.output = output;
    }

    @Override
    public void write(char[] characters, int offset, int length) {
      pending.append(characters, offset, length);
    }

    @Override
    public void flush() {
      if (pending.length() > 0) {
        output.out(pending.toString());
        pending.setLength(0);
      }
    }

    @Override
    public void close() {
      flush();
    }
  }
}
