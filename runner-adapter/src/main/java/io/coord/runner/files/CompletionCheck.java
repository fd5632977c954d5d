package io.coord.runner.files;

import io.coord.runner.CycleReport;
import io.coord.runner.Quoted;
import io.coord.runner.Spec;
import io.coord.runner.Verdict;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Verifies that an experiment whose run ended with exit code 0 is complete. */
public final class CompletionCheck {
  public CompletionCheck() {}

  /**
   * The verdict on a run that ended with exit code 0.
   *
   * @param last the last cycle that the run reported, if it reported any
   */
  public Verdict verify(Spec spec, Optional<CycleReport> last) {
    List<String> missing = new ArrayList<>();
    List<String> evidence = new ArrayList<>();
    evidence.add("exit code 0");
    if (last.isPresent()) {
      int cycle = last.get().cycle();
      OptionalInt wanted = cyclesWanted(spec, last.get());
      if (wanted.isEmpty()) {
        evidence.add(cycle + (cycle == 1 ? " cycle" : " cycles"));
      } else {
        String count = cycle + " of " + wanted.getAsInt() + " cycles";
        (cycle < wanted.getAsInt() ? missing : evidence).add(count);
      }
    } else {
      evidence.add("no cycles reported");
    }
    spec.successFile().ifPresent(file -> look(spec, file, evidence, missing));
    return missing.isEmpty()
        ? new Verdict.Complete(String.join(", ", evidence))
        : new Verdict.Incomplete(String.join("; ", missing));
  }

  /** What the user's config asks for; else what the runner itself set out to do. */
  private static OptionalInt cyclesWanted(Spec spec, CycleReport last) {
    if (spec.task() instanceof Spec.Config config && config.maxCycles().isPresent()) {
      return config.maxCycles();
    }
    return last.of();
  }

  private static void look(Spec spec, Path file, List<String> evidence, List<String> missing) {
    Path path = spec.workingDirectory().resolve(file);
    String quoted = Quoted.of(file.toString());
    if (Files.exists(path)) {
      evidence.add(quoted + " exists");
    } else if (Files.notExists(path)) {
      missing.add(quoted + " does not exist");
    } else {
      missing.add(quoted + " cannot be seen");
    }
  }
}
