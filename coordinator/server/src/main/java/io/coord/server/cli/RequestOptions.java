package io.coord.server.cli;

import io.coord.runner.Quoting;
import io.coord.runner.RequestField;
import io.coord.runner.RequestField.CliOption;
import io.coord.runner.json.Requests;
import io.coord.server.api.ExitCodes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/**
 * The arguments and options of a request, on the command line of {@code enqueue} and {@code
 * schedule}.
 */
final class RequestOptions {
  private static final String NAME = "[A-Za-z_][A-Za-z0-9_]*";

  private final Session session;

  @Parameters(
      arity = "0..*",
      paramLabel = "CONFIG.json",
      description = "A brain-in-jar experiment config.")
  List<String> configs = new ArrayList<>();

  /** Of the command that these options belong to. */
  @Spec(Spec.Target.MIXEE)
  @Nullable CommandSpec command;

  RequestOptions(Session session) {
    this.session = session;
  }

  /** The value of a field's option; empty if it was not given. */
  Optional<String> value(RequestField<?> field) {
    return value(field.option().orElseThrow());
  }

  private Optional<String> value(CliOption option) {
    return Optional.ofNullable(parsed().<Object>matchedOptionValue(option.name(), null))
        .map(String::valueOf);
  }

  private List<String> values(CliOption option) {
    return parsed().matchedOptionValue(option.name(), List.<String>of());
  }

  private ParseResult parsed() {
    return Objects.requireNonNull(command, "used outside of a command")
        .commandLine()
        .getParseResult();
  }

  /**
   * Ends a command whose request cannot be made yet: it is misused, or the caller's side has not
   * sent what it {@link #needs} or lacks a variable that is asked for. Says so to the caller.
   *
   * @param verb such as {@code enqueue}
   * @param consequence such as {@code nothing was enqueued}
   * @return the exit code; empty if the request can be made
   */
  OptionalInt unready(String verb, String consequence) {
    Optional<String> wrong = misuse();
    List<String> needs = wrong.isPresent() ? List.of() : needs();
    if (!needs.isEmpty()) {
      session.output.need(needs);
      return OptionalInt.of(ExitCodes.OK);
    }
    wrong = wrong.or(this::missingVariable);
    if (wrong.isEmpty()) {
      return OptionalInt.empty();
    }
    session.output.error("coord: cannot " + verb + ": " + wrong.get() + "; " + consequence);
    return OptionalInt.of(ExitCodes.USER);
  }

  /** What is wrong with the command line itself; empty if nothing is. */
  private Optional<String> misuse() {
    boolean hasShell = value(RequestOption.SHELL.cli()).isPresent();
    int ways = (configs.isEmpty() ? 0 : 1) + (session.commandGiven() ? 1 : 0) + (hasShell ? 1 : 0);
    if (ways == 0) {
      return Optional.of("nothing to run; give a CONFIG.json, or a command after '--'");
    }
    if (ways > 1) {
      return Optional.of("give only one of CONFIG.json, a command after '--' and --shell");
    }
    if (configs.size() > 1) {
      return Optional.of(
          "unexpected argument '" + configs.get(1) + "'; put the command after '--'");
    }
    if (session.commandGiven() && session.command().isEmpty()) {
      return Optional.of("no command after '--'");
    }
    boolean hasCommand = value(RequestField.SUCCESS_COMMAND).isPresent();
    if (hasCommand && value(RequestOption.SUCCESS_SHELL.cli()).isPresent()) {
      return Optional.of("give only one of --success-command and --success-shell");
    }
    if (!hasCommand && !values(RequestOption.SUCCESS_ARGUMENT.cli()).isEmpty()) {
      return Optional.of("--success-argument requires --success-command");
    }
    if (configs.size() == 1 && configs.get(0).contains("\n")) {
      return Optional.of("the name of the config contains a line break");
    }
    return values(RequestOption.ENV_FROM.cli()).stream()
        .filter(name -> !name.matches(NAME + "\\*?"))
        .findFirst()
        .map(
            name ->
                "--env-from "
                    + Quoting.of(name)
                    + " is not the name of a variable, nor the begin of one and '*'");
  }

  /**
   * What is wrong with the caller's environment; empty if nothing is. For a command line that has
   * what it {@link #needs}.
   */
  private Optional<String> missingVariable() {
    return values(RequestOption.ENV_FROM.cli()).stream()
        .filter(name -> !name.endsWith("*"))
        .filter(name -> !session.request.environment().containsKey(name))
        .findFirst()
        .map(name -> "--env-from " + name + ": there is no such variable in your environment");
  }

  /** A line that names the caller's variables that an experiment may miss; empty if it has all. */
  Optional<String> notPassed() {
    Set<String> missed =
        session.environmentRules.missed(
            session.request.environment(),
            environment(values(RequestField.ENVIRONMENT.option().orElseThrow())).keySet());
    return missed.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "coord: not passed to the experiment: "
                + String.join(", ", missed)
                + "; '--env-from NAME' passes one, PASS_ENVIRONMENT in coordinator.env always");
  }

  /** What only the caller's side has: it reads its files and variables with its own rights. */
  private List<String> needs() {
    List<String> needs = new ArrayList<>();
    boolean asked = !session.request.environment().isEmpty();
    boolean fileMissing =
        configs.size() == 1 && !session.request.files().containsKey(configs.get(0));
    if (asked && !fileMissing) {
      return needs;
    }
    configs.forEach(config -> needs.add("file " + config));
    session.environmentRules.requested().forEach(name -> needs.add("env " + name));
    values(RequestOption.ENV_FROM.cli()).forEach(name -> needs.add("env " + name));
    for (String entry : values(RequestField.ENVIRONMENT.option().orElseThrow())) {
      if (!entry.contains("=") && !entry.contains("\n") && !entry.endsWith("*")) {
        needs.add("env " + entry);
      }
    }
    return needs;
  }

  /** For whom it is; empty for the caller. */
  Optional<String> as() {
    return value(RequestOption.AS.cli());
  }

  /** The request that was typed. */
  String request() {
    Requests request = task();
    for (RequestField<?> field : RequestField.all()) {
      field.option().ifPresent(option -> add(field, option, request));
    }
    return request.toJson();
  }

  private Requests task() {
    if (configs.size() == 1) {
      String config = configs.get(0);
      return Requests.forConfig(
          session.request.files().getOrDefault(config, ""), inCallersFolder(Optional.of(config)));
    }
    return Requests.forCommand(
        value(RequestOption.SHELL.cli())
            .map(line -> List.of("/bin/sh", "-c", line))
            .orElseGet(session::command));
  }

  private void add(RequestField<?> field, CliOption option, Requests request) {
    if (field == RequestField.WORKING_DIRECTORY) {
      request.with(field, inCallersFolder(value(option)));
    } else if (field == RequestField.ENVIRONMENT) {
      request.withEnvironment(environment(values(option)));
    } else if (field == RequestField.SUCCESS_COMMAND) {
      request.withAll(field, successCommand());
    } else if (option.repeatable()) {
      request.withAll(field, values(option));
    } else {
      request.with(field, value(option).orElse(null));
    }
  }

  private String inCallersFolder(Optional<String> folder) {
    String cwd = session.request.cwd();
    return folder.map(given -> given.startsWith("/") ? given : cwd + "/" + given).orElse(cwd);
  }

  private List<String> successCommand() {
    Optional<String> shell = value(RequestOption.SUCCESS_SHELL.cli());
    if (shell.isPresent()) {
      return List.of("/bin/sh", "-c", shell.get());
    }
    List<String> argv = new ArrayList<>();
    value(RequestField.SUCCESS_COMMAND).ifPresent(argv::add);
    argv.addAll(values(RequestOption.SUCCESS_ARGUMENT.cli()));
    return argv;
  }

  private Map<String, String> environment(List<String> entries) {
    Map<String, String> result = new LinkedHashMap<>();
    boolean ofCaller = as().isEmpty();
    session
        .request
        .environment()
        .forEach(
            (variable, value) -> {
              if (session.environmentRules.passes(variable, ofCaller)
                  || entries.contains(variable)) {
                result.put(variable, value);
              }
            });
    Map<String, String> callers = session.request.environment();
    for (String pattern : values(RequestOption.ENV_FROM.cli())) {
      EnvironmentRules.matching(pattern, callers)
          .forEach(name -> result.put(name, callers.getOrDefault(name, "")));
    }
    for (String entry : entries) {
      int equals = entry.indexOf('=');
      if (equals >= 0) {
        result.put(entry.substring(0, equals), entry.substring(equals + 1));
      } else if (!result.containsKey(entry)) {
        // Stays as a name without a value that the check refuses, unless it is simply unset.
        if (!entry.matches(NAME)) {
          result.put(entry, "");
        }
      }
    }
    return result;
  }
}
