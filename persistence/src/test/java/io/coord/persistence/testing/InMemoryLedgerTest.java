package io.coord.persistence.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coord.persistence.Change;
import io.coord.persistence.Experiment;
import io.coord.persistence.Ledger;
import io.coord.persistence.LedgerContract;
import io.coord.persistence.LedgerException;
import java.util.List;
import org.junit.jupiter.api.Test;

class InMemoryLedgerTest extends LedgerContract {

  @Override
  protected Ledger create() {
    return new InMemoryLedger();
  }

  @Override
  protected Ledger reopen(Ledger open) {
    return ((InMemoryLedger) open).reopen();
  }

  @Test
  void failsAsManyCommitsAsTheTestWants() {
    InMemoryLedger memory = new InMemoryLedger();
    memory.failNextCommits(2);
    assertFails(memory, enqueued("a", 1));
    assertFails(memory, enqueued("a", 1));
    memory.commit(List.of(enqueued("a", 1)));
    assertThat(memory.active()).hasSize(1);
  }

  @Test
  void failsTheNthCommitOnly() {
    InMemoryLedger memory = new InMemoryLedger();
    memory.failCommit(2);
    memory.commit(List.of(enqueued("a", 1)));
    assertFails(memory, enqueued("b", 2));
    memory.commit(List.of(enqueued("c", 3)));
    assertThat(memory.active()).extracting(Experiment::id).containsExactly("a", "c");
  }

  private static void assertFails(Ledger memory, Change change) {
    assertThatThrownBy(() -> memory.commit(List.of(change))).isInstanceOf(LedgerException.class);
  }
}
