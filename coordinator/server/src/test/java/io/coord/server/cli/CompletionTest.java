package io.coord.server.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Asks a real bash what it would offer. */
final class CompletionTest {
  @TempDir private Path folder;

  private List<String> offered(String line) throws IOException, InterruptedException {
    Path script = Files.writeString(folder.resolve("coord"), Completion.bash());
    Process bash =
        new ProcessBuilder(
                "bash",
                "-c",
                """
                compopt() { :; } # says so outside of a shell's own completion
                . "$0"
                COMP_LINE=$1
                read -r -a COMP_WORDS <<<"$1"
                case $1 in *" ") COMP_WORDS+=("") ;; esac
                COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
                COMP_POINT=${#COMP_LINE}
                _complete_coord
                printf '%s\\n' "${COMPREPLY[@]}"
                """,
                script.toString(),
                line)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    List<String> offered = new String(bash.getInputStream().readAllBytes(), UTF_8).lines().toList();
    assertThat(bash.waitFor()).isZero();
    return offered;
  }

  @Test
  void commandsOfTheDaemonAndThoseWithoutOne() throws Exception {
    assertThat(offered("coord ")).contains("enqueue", "list", "daemon", "selftest", "config");
    assertThat(offered("coord se")).containsExactly("selftest");
    assertThat(offered("coord config c")).containsExactly("check");
  }

  @Test
  void optionsOfACommand() throws Exception {
    assertThat(offered("coord enqueue --max-c")).containsExactly("--max-crashes");
    assertThat(offered("coord --u")).containsExactly("--user");
  }
}
