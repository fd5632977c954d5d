package io.coord.selftest.live;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coord.runner.RequestField;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Whatever comes in arrives exactly as given, or is refused with all that is wrong with it. */
class BadInputLiveTest extends LiveTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Texts that mean something to a shell, to systemd, to a unit file or to an encoding. */
  private static final List<String> HOSTILE =
      List.of(
          "",
          " ",
          "two words",
          "'single'",
          "\"double\"",
          "half ' of \" both",
          "$HOME ${HOME} $(id) `id` $$ $",
          "%i %n %% %h %",
          "\\ \\\\ \\n \\x41 ends with \\",
          "line\nend",
          "x\n[Service]\nExecStart=/bin/false",
          "tab\there",
          "größe 温度 🔥 \u202e",
          "; rm -rf / & | > <",
          "-- --id other",
          "#comment",
          "@+!-:prefix",
          "*?[a-z]{b,c}~");

  /** Writes its arguments and variables to a file, byte for byte. */
  private static final String DUMP =
      """
      import json, os, sys
      text = lambda b: b.decode('utf-8', 'surrogateescape')
      told = {'argv': [text(os.fsencode(a)) for a in sys.argv[1:]],
              'environ': {text(k): text(v) for k, v in os.environb.items()}}
      with open('dump.new', 'w') as f: f.write(json.dumps(told) + '\\n')
      os.rename('dump.new', 'dump.json')
      """;

  private JsonNode dumped(String id) throws Exception {
    JsonNode ended = coord.awaitEnd(id);
    assertThat(ended.path("state").asText()).as("%s", ended).isEqualTo("completed");
    return JSON.readTree(coord.awaitFile("dump.json"));
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(element -> texts.add(element.asText()));
    return texts;
  }

  @Test
  void argumentsAndVariablesArriveExactlyAsGiven() throws Exception {
    coord.start();
    List<String> argv = new ArrayList<>(List.of("python3", "-c", DUMP));
    argv.addAll(HOSTILE);
    Map<String, String> environment = new LinkedHashMap<>();
    for (int i = 0; i < HOSTILE.size(); i++) {
      environment.put("HOSTILE_" + i, HOSTILE.get(i));
    }

    JsonNode dumped = dumped(coord.enqueue(command("exact", argv).withEnvironment(environment)));

    assertThat(texts(dumped.path("argv"))).isEqualTo(HOSTILE);
    environment.forEach(
        (name, value) ->
            assertThat(dumped.path("environ").path(name).asText(null)).as(name).isEqualTo(value));
    // What is an option of the command line to us is a word like others to it.
    assertThat(coord.get("/v1/experiments").size()).isEqualTo(1);
  }

  @Test
  void soDoThoseOfTheCommandLine() throws Exception {
    coord.start();
    List<String> words = new ArrayList<>(List.of("enqueue", "--id", "typed", "--ram", "128M"));
    for (int i = 0; i < HOSTILE.size(); i++) {
      words.add("--env");
      words.add("HOSTILE_" + i + "=" + HOSTILE.get(i));
    }
    words.addAll(List.of("--", "python3", "-c", DUMP));
    words.addAll(HOSTILE);

    LiveCoordinator.CommandResult said = coord.say(words.toArray(String[]::new));

    assertThat(said.code()).as("%s", said).isZero();
    assertThat(said.out()).isEqualTo("typed\n");
    JsonNode dumped = dumped("typed");
    assertThat(texts(dumped.path("argv"))).isEqualTo(HOSTILE);
    for (int i = 0; i < HOSTILE.size(); i++) {
      assertThat(dumped.path("environ").path("HOSTILE_" + i).asText(null))
          .as("HOSTILE_%d", i)
          .isEqualTo(HOSTILE.get(i));
    }
  }

  @Test
  void nothingBecomesADirective() throws Exception {
    coord.start();
    String injected = "x\nExecStartPre=/usr/bin/touch injected\n[Service]\nExecStop=/bin/false";
    coord.enqueue(
        command("inject", List.of("sh", "-c", "until [ -e go ]; do sleep 0.05; done", injected))
            .with(RequestField.NAME, "a %n $HOME \\ \"name\" ;")
            .withEnvironment(Map.of("INJECTED", injected)));
    coord.awaitState("inject", "running");

    assertThat(LivePrograms.property("inject", "ExecStop"))
        .contains("/note-stop")
        .doesNotContain("/bin/false");
    assertThat(LivePrograms.property("inject", "ExecStartPre")).doesNotContain("touch");
    assertThat(LivePrograms.property("inject", "Description"))
        .isEqualTo("coord experiment inject: a %n $HOME \\ \"name\" ;");
    coord.touch("go");
    assertThat(coord.awaitEnd("inject").path("state").asText()).isEqualTo("completed");
    assertThat(coord.work().resolve("injected")).doesNotExist();
  }

  @Test
  void whatCannotArriveIsRefusedWithEveryFaultNamed() throws Exception {
    coord.start();
    ObjectNode request = (ObjectNode) JSON.readTree(shell("fine", ":").toJson());
    request.put("id", "a/b");
    request.put("ram", "-1");
    request.put("cpu", "80");
    request.put("priority", 5000);
    request.put("stop_timeout", "soon");
    request.put("colour", "red");
    request.withArray("command").add("nul \0 inside");
    request.putObject("environment").put("1BAD NAME", "x").put("NUL", "a\0b");

    JsonNode refusal = coord.refusal(request.toString(), 400);

    List<String> fields = new ArrayList<>();
    refusal.path("faults").forEach(fault -> fields.add(fault.path("field").asText()));
    assertThat(fields)
        .containsExactlyInAnyOrder(
            "id",
            "ram",
            "cpu",
            "priority",
            "stop_timeout",
            "colour",
            "command[3]",
            "environment.1BAD NAME",
            "environment.NUL");
    assertThat(refusal.path("error").asText()).contains("nothing was enqueued");
    assertThat(coord.get("/v1/experiments").size()).isZero();
  }

  @Test
  void aCarriageReturnThatSystemdTakesInNoVariableIsRefusedAndArrivesAsAnArgument()
      throws Exception {
    coord.start();
    assertThat(
            coord
                .refusal(
                    shell("cr", ":").withEnvironment(Map.of("CR", "carriage\rreturn")).toJson(),
                    400)
                .path("error")
                .asText())
        .contains("'CR'")
        .contains("nothing was enqueued");

    coord.enqueue(command("cr", List.of("python3", "-c", DUMP, "carriage\rreturn")));

    assertThat(texts(dumped("cr").path("argv"))).containsExactly("carriage\rreturn");
  }

  @Test
  void anIdThatIsNoneIsRefused() throws Exception {
    coord.start();
    for (String id :
        List.of(
            "a/b", "a%b", "a@b", "a\nb", "x".repeat(300), "", " ", ".", "-x", "ä", "a b", "../x")) {
      JsonNode refusal = coord.refusal(shell(id, ":").toJson(), 400);
      assertThat(refusal.path("faults").path(0).path("field").asText()).as(id).isEqualTo("id");
      LiveCoordinator.CommandResult said = coord.say("enqueue", "--id=" + id, "--", "true");
      assertThat(said.code()).as("%s: %s", id, said).isEqualTo(2);
      assertThat(said.error()).as(id).contains("nothing was enqueued");
    }
    assertThat(coord.get("/v1/experiments").size()).isZero();
  }

  @Test
  void aConfigThatIsNoneIsRefused() throws Exception {
    coord.start();
    Map<String, String> wrong =
        Map.of(
            "", "is empty",
            "not json", "is not JSON",
            "[1, 2]", "is not a JSON object",
            "{\"experiment_id\": \"x\"", "is not JSON",
            "{\"experiment_id\": \"x\", \"resource_constraints\": {\"ram_limit_gb\": -2}}",
                "out of range",
            "{\"experiment_id\": \"x\", \"max_cycles\": -1}", "out of range",
            "{\"experiment_id\": \"a@b\"}", "is not an id",
            "{\"name\": \"nameless\"}", "is missing");
    for (Map.Entry<String, String> config : wrong.entrySet()) {
      LiveCoordinator.CommandResult said =
          coord.say(Map.of("wrong.json", config.getKey()), "enqueue", "wrong.json");
      assertThat(said.code()).as("%s: %s", config.getKey(), said).isEqualTo(2);
      assertThat(said.error()).contains(config.getValue()).contains("nothing was enqueued");
    }
    assertThat(coord.get("/v1/experiments").size()).isZero();
  }

  @Test
  void fiftyMegabytesAreRefusedAndTheDaemonIsWell() throws Exception {
    coord.start();

    UnixHttp.Reply reply =
        coord.exchange("POST", "/v1/experiments", "{\"id\": \"" + "x".repeat(50 << 20) + "\"}");

    assertThat(reply.status()).isEqualTo(413);
    assertThat(reply.text()).contains("larger than");
    UnixHttp.Reply line =
        coord.exchange("POST", "/v1/cli", "{\"argv\": [\"" + "x".repeat(50 << 20) + "\"]}");
    assertThat(line.status()).isEqualTo(413);
    assertThat(coord.get("/v1/experiments").size()).isZero();
    coord.enqueue(shell("after", ":"));
    assertThat(coord.awaitEnd("after").path("state").asText()).isEqualTo("completed");
  }

  @Test
  void anIdIsGivenOutOnce() throws Exception {
    coord.start();
    coord.enqueue(shell("once", "until [ -e go ]; do sleep 0.05; done"));
    assertThat(coord.refusal(shell("once", ":").toJson(), 400).path("error").asText())
        .contains("'once'")
        .contains("nothing was enqueued");
    coord.touch("go");
    coord.awaitEnd("once");
    assertThat(coord.refusal(shell("once", ":").toJson(), 400).path("error").asText())
        .contains("'once'")
        .contains("id already used");

    coord.kill();
    coord.start();

    assertThat(coord.refusal(shell("once", ":").toJson(), 400).path("error").asText())
        .contains("id already used");
    assertThat(RunRow.of(coord.database(), "once")).hasSize(1);
  }

  @Test
  void aProgramOrFolderThatIsNotThereIsRefusedAtOnce() throws Exception {
    coord.start();

    JsonNode refusal =
        coord.refusal(
            command("absent", List.of("no-such-program"))
                .with(RequestField.WORKING_DIRECTORY, "/no/such/folder")
                .toJson(),
            400);

    assertThat(refusal.path("faults").size()).isEqualTo(2);
    assertThat(refusal.toString()).contains("no-such-program").contains("/no/such/folder");
  }

  @Test
  void variablesAreReadableByNobodyElse() throws Exception {
    coord.start();
    coord.enqueue(
        shell("secret", "until [ -e go ]; do sleep 0.05; done")
            .withEnvironment(Map.of("TOKEN", "a-very-secret-thing")));
    coord.awaitState("secret", "running");

    assertThat(LivePrograms.systemctl("show", "brain-experiment@secret.service").output())
        .doesNotContain("a-very-secret-thing");
    assertThat(LivePrograms.systemctl("cat", "brain-experiment@secret.service").output())
        .doesNotContain("a-very-secret-thing");
    try (var files = Files.walk(coord.runtime().getParent())) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String text = Files.readString(file, StandardCharsets.ISO_8859_1);
        if (text.contains("a-very-secret-thing")) {
          assertThat(LivePrograms.run("stat", "-c", "%A", file.toString()).output())
              .as("%s", file)
              .satisfiesAnyOf(
                  mode -> assertThat(mode).isEqualTo("-rw-------"),
                  mode ->
                      assertThat(Files.getPosixFilePermissions(coord.state()).toString())
                          .doesNotContain("OTHERS", "GROUP"));
        }
      }
    }
  }
}
