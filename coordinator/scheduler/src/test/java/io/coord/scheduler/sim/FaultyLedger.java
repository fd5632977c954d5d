package io.coord.scheduler.sim;

import io.coord.persistence.Change;
import io.coord.persistence.Ledger;
import io.coord.persistence.LedgerException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A ledger whose commits go wrong, and at which the daemon dies. A proxy, because all else of the
 * port is passed on as it is.
 */
final class FaultyLedger {
  private FaultyLedger() {}

  /**
   * @param stored is told of each commit's changes, once they are in the ledger
   */
  static Ledger around(Ledger ledger, Supplier<FaultPlan> faults, Consumer<List<Change>> stored) {
    return (Ledger)
        Proxy.newProxyInstance(
            FaultyLedger.class.getClassLoader(),
            new Class<?>[] {Ledger.class},
            (proxy, method, arguments) -> {
              Optional<FaultPlan.InjectedFault> fault =
                  method.getName().equals("commit") ? faults.get().commit() : Optional.empty();
              if (fault.isPresent()) {
                switch (fault.get()) {
                  case KILLED_BEFORE -> throw new DaemonKilled();
                  case REFUSED, ANSWER_LOST ->
                      throw new LedgerException("cannot store the changes: the disk is full", null);
                  case KILLED_AFTER -> {}
                }
              }
              Object answer;
              try {
                answer = method.invoke(ledger, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
              if (method.getName().equals("commit")) {
                stored.accept(((List<?>) arguments[0]).stream().map(Change.class::cast).toList());
              }
              if (fault.isPresent()) {
                throw new DaemonKilled();
              }
              return answer;
            });
  }
}
