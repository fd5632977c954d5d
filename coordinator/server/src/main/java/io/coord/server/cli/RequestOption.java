package io.coord.server.cli;

import io.coord.runner.FieldType.Form;
import io.coord.runner.RequestField;
import io.coord.runner.RequestField.CliOption;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.IModelTransformer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * One option of {@code enqueue} and {@code schedule}: that of a field in the table, or another way
 * to write such a field.
 *
 * @param separator between several values in one argument; empty if there can be none
 * @param help what it does, in one sentence
 * @param details the sentences that the manual page adds
 */
record RequestOption(CliOption cli, String separator, String help, List<String> details) {
  static final RequestOption SUCCESS_ARGUMENT =
      of(
          new CliOption("--success-argument", "TEXT", true),
          "Pass an argument to the program of --success-command");
  static final RequestOption SUCCESS_SHELL =
      of(
          new CliOption("--success-shell", "LINE", false),
          "Run the check as a line with /bin/sh -c");
  static final RequestOption ENV_FROM =
      of(
          new CliOption("--env-from", "NAME", true),
          "Pass a variable of your environment; NAME* passes all whose names begin so",
          "A variable that is not set is refused.");
  static final RequestOption SHELL =
      of(
          new CliOption("--shell", "LINE", false),
          "Run a line with /bin/sh -c instead of a command after '--'");
  static final RequestOption AS =
      of(
          new CliOption("--as", "USER", false),
          "Set the owner, as whom the experiment runs; for the operator",
          "HOME-like variables of the caller are not passed.");

  private static RequestOption of(CliOption cli, String help, String... details) {
    return new RequestOption(cli, "", help, List.of(details));
  }

  private static RequestOption of(RequestField<?> field, CliOption cli) {
    Form form = field.type().form();
    boolean isList = cli.repeatable() && (form == Form.TEXTS || form == Form.NUMBERS);
    List<String> details = new ArrayList<>();
    if (!field.type().range().isEmpty()) {
      details.add("Allowed: " + field.type().range() + ".");
    }
    if (!field.details().isEmpty()) {
      details.add(field.details());
    }
    if (!field.defaultText().isEmpty()) {
      details.add("Default: " + field.defaultText() + ".");
    }
    return new RequestOption(cli, isList ? "," : "", field.help(), details);
  }

  /** All of them, in the order of the help. */
  static List<RequestOption> all() {
    List<RequestOption> all = new ArrayList<>();
    for (RequestField<?> field : RequestField.all()) {
      field.option().ifPresent(option -> all.add(of(field, option)));
      if (field == RequestField.ENVIRONMENT) {
        all.add(ENV_FROM);
      }
      if (field == RequestField.SUCCESS_COMMAND) {
        all.add(SUCCESS_ARGUMENT);
        all.add(SUCCESS_SHELL);
      }
    }
    all.add(SHELL);
    all.add(AS);
    return all;
  }

  /** Adds all options to a command. */
  static final class Adder implements IModelTransformer {
    @Override
    public CommandSpec transform(CommandSpec command) {
      all().forEach(option -> command.addOption(option.spec()));
      return command;
    }
  }

  /** The whole text, sentence by sentence. */
  List<String> sentences() {
    List<String> sentences = new ArrayList<>();
    sentences.add(help + ".");
    sentences.addAll(details);
    if (cli.repeatable()) {
      sentences.add("Can be repeated.");
    }
    return sentences;
  }

  private OptionSpec spec() {
    OptionSpec.Builder builder =
        OptionSpec.builder(cli.name())
            .paramLabel(cli.label())
            .description(String.join(" ", sentences()).replace("%", "%%"));
    if (cli.label().isEmpty()) {
      return builder.type(Boolean.class).arity("0").build();
    }
    if (!cli.repeatable()) {
      return builder.type(String.class).build();
    }
    if (!separator.isEmpty()) {
      builder.splitRegex(separator);
    }
    return builder.type(List.class).auxiliaryTypes(String.class).arity("1").build();
  }
}
