package io.coord.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.coord.scheduler.executor.UserAccounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SystemUserAccountsTest {
  private static final UserAccounts NOBODY_AS_ROOT = new SystemUserAccounts(List.of());

  @Test
  void anOrdinaryAccountMayRun() {
    assertThat(NOBODY_AS_ROOT.refusal("nobody")).isEmpty();
    assertThat(NOBODY_AS_ROOT.asOwner()).isTrue();
  }

  @Test
  void rootMayNotAndIsToldWhatToDo() {
    assertThat(NOBODY_AS_ROOT.refusal("root").orElseThrow())
        .startsWith("'root' is root, and experiments do not run as root; ")
        .contains("as another user", "'--as USER'", "RUN_AS_ROOT=root");
  }

  @Test
  void theAdministratorAllowsByName() {
    assertThat(new SystemUserAccounts(List.of("ada", "root")).refusal("root")).isEmpty();
    assertThat(new SystemUserAccounts(List.of("ada", "toor")).refusal("root")).isPresent();
  }

  @Test
  void itIsTheNumberThatMakesRootAndNotTheName() throws IOException {
    // An account of this machine with root's number, if it has one besides root.
    String toor;
    try (var accounts = Files.lines(Path.of("/etc/passwd"))) {
      toor =
          accounts
              .filter(line -> line.matches("(?!root:)[^:]+:[^:]*:0:.*"))
              .map(line -> line.substring(0, line.indexOf(':')))
              .findFirst()
              .orElse("");
    }
    assumeTrue(!toor.isEmpty(), "no account but root has the number 0");
    assertThat(NOBODY_AS_ROOT.refusal(toor)).isPresent();
    assertThat(new SystemUserAccounts(List.of("root")).refusal(toor)).isPresent();
    assertThat(new SystemUserAccounts(List.of(toor)).refusal(toor)).isEmpty();
  }

  @Test
  void aNumberIsNoAccountAndNoWayAroundTheRule() {
    for (String number : List.of("0", "00", "4294967296", "65534", "")) {
      assertThat(new SystemUserAccounts(List.of("root", "0")).refusal(number).orElse(""))
          .startsWith("there is no account '" + number + "'");
    }
  }

  @Test
  void anAccountThatIsNotThereIsToldOnOneLine() {
    assertThat(NOBODY_AS_ROOT.refusal("no-such\naccount").orElseThrow())
        .isEqualTo(
            "there is no account 'no-such\\naccount' on this machine; name one that there is");
  }
}
