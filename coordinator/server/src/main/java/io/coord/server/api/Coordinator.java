package io.coord.server.api;

import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.GroupState;
import io.coord.persistence.Ledger;
import io.coord.persistence.LedgerException;
import io.coord.persistence.Run;
import io.coord.persistence.Schedule;
import io.coord.persistence.Submission;
import io.coord.runner.LaunchPlan;
import io.coord.runner.RunnerFacts;
import io.coord.runner.Spec;
import io.coord.runner.Validated;
import io.coord.runner.ValidationError;
import io.coord.scheduler.core.Answer;
import io.coord.scheduler.core.Decider;
import io.coord.scheduler.core.Event;
import io.coord.scheduler.core.Limits;
import io.coord.scheduler.core.State;
import io.coord.scheduler.core.ThermalState;
import io.coord.scheduler.core.Timestamps;
import io.coord.scheduler.executor.ExperimentDirectories;
import io.coord.scheduler.executor.InstanceSpecFactory;
import io.coord.scheduler.executor.Runner;
import io.coord.scheduler.executor.UserAccounts;
import io.coord.scheduler.loop.DependencyOutcomes;
import io.coord.scheduler.loop.Loop;
import io.coord.scheduler.verify.Fact;
import io.coord.scheduler.verify.Inspection;
import io.coord.scheduler.verify.Installation;
import io.coord.scheduler.verify.Verification;
import io.coord.systemd.InstanceSpec;
import io.coord.thermal.Finding;
import io.coord.thermal.Heat;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The coordinator as its faces see it. Threads may share it. */
public final class Coordinator {

  /** How many experiments that are done a list shows. */
  public static final int ENDED_SHOWN = 20;

  /** What follows when damage is found in a ledger that is in use, and what is to be done. */
  public static final String DAMAGED =
      "nothing new is taken in, what runs goes on; copy the file, then start the coordinator anew:"
          + " it sets the damaged file aside and begins a new one";

  /** What the last experiment of a schedule has after the schedule's id. */
  private static final String LAST_NUMBER = "-" + Integer.MAX_VALUE;

  /**
   * What a request is checked with before it gets near the queue.
   *
   * @param defaults what holds for a request that does not say otherwise
   */
  public record Checks(
      Function<String, Validated<Spec>> reader,
      Defaults defaults,
      Runner runner,
      UserAccounts accounts,
      Function<InstanceSpec, List<String>> unitProblems) {}

  /** What the administrator has set for the experiments, or the schedule, of an id. */
  public interface Defaults {
    /**
     * The request with what it leaves to the administrator.
     *
     * @param request one that was read without a fault
     * @return faults of what the administrator has set
     */
    Validated<String> completed(String id, String request);
  }

  /** A request as it is stored, and what it means. */
  private record Asked(String request, Spec spec) {}

  private final Loop loop;
  private final Decider decider;
  private final Limits limits;
  private final Ledger ledger;
  private final Checks checks;
  private final ExperimentDirectories folders;
  private final InstanceSpecFactory instances;
  private final Path copies;
  private final AtomicLong copied = new AtomicLong();
  private final Telemetry instruments;
  private final MachineStatus machine;
  private final Supplier<Timestamps> clock;
  private final Inspection inspection;

  /**
   * @param copies a folder for copies of the ledger, which are removed when they were read
   */
  public Coordinator(
      Loop loop,
      Decider decider,
      Limits limits,
      Ledger ledger,
      Checks checks,
      ExperimentDirectories folders,
      InstanceSpecFactory instances,
      Path copies,
      Telemetry instruments,
      Supplier<Timestamps> clock,
      Inspection inspection) {
    this.loop = loop;
    this.decider = decider;
    this.limits = limits;
    this.ledger = ledger;
    this.checks = checks;
    this.folders = folders;
    this.instances = instances;
    this.copies = copies;
    this.instruments = instruments;
    this.machine = new MachineStatus(instruments, limits, clock);
    this.clock = clock;
    this.inspection = inspection;
  }

  /**
   * Enqueues an experiment.
   *
   * @param request the request's JSON; see the runner adapter. What the administrator has set for
   *     its id now is stored as part of it; without an id there is nothing of that kind
   * @param as whose it is to be, which is for operators to say; empty for the caller's own
   * @return completes once the experiment is stored for good, or nothing was
   */
  public CompletableFuture<EnqueueResult> enqueue(
      String request, Caller caller, Optional<String> as) {
    Validated<Asked> read = read(request, Spec::id);
    if (read instanceof Validated.Invalid<Asked> bad) {
      return CompletableFuture.completedFuture(refused(bad.faults()));
    }
    Optional<Answer.Refused> damaged = refusedForDamage("enqueue");
    if (damaged.isPresent()) {
      return CompletableFuture.completedFuture(refused(damaged.get()));
    }
    Asked asked = ((Validated.Valid<Asked>) read).value();
    Spec spec = asked.spec();
    String owner = as.orElse(caller.user());
    List<ValidationError> faults;
    try {
      faults = faults(spec, caller, as);
    } catch (UncheckedIOException e) {
      return CompletableFuture.completedFuture(refused(notNow("enqueue", "enqueued", e)));
    }
    if (!faults.isEmpty()) {
      return CompletableFuture.completedFuture(refused(faults));
    }
    return loop.request(
            ticket ->
                new Event.EnqueueAsked(
                    ticket, asked.request(), spec, owner, DependencyOutcomes.of(ledger, spec)))
        .thenApply(
            answer -> {
              if (answer instanceof Answer.Refused refused) {
                return refused(refused);
              }
              return new EnqueueResult.Accepted(((Answer.Done) answer).experiment());
            });
  }

  /**
   * @param idOf under which id the administrator may have set something
   */
  private Validated<Asked> read(String request, Function<Spec, Optional<String>> idOf) {
    Validated<Spec> read = checks.reader().apply(request);
    if (read instanceof Validated.Invalid<Spec> bad) {
      return new Validated.Invalid<>(bad.faults());
    }
    Spec spec = ((Validated.Valid<Spec>) read).value();
    Optional<String> id = idOf.apply(spec).filter(Spec::isId);
    if (id.isEmpty()) {
      return new Validated.Valid<>(new Asked(request, spec));
    }
    Validated<String> completed = checks.defaults().completed(id.get(), request);
    if (completed instanceof Validated.Invalid<String> bad) {
      return new Validated.Invalid<>(bad.faults());
    }
    String whole = ((Validated.Valid<String>) completed).value();
    Validated<Spec> again = checks.reader().apply(whole);
    return again instanceof Validated.Invalid<Spec> bad
        ? new Validated.Invalid<>(bad.faults())
        : new Validated.Valid<>(new Asked(whole, ((Validated.Valid<Spec>) again).value()));
  }

  /** What is accepted is not lost: a ledger that will be set aside accepts nothing. */
  private Optional<Answer.Refused> refusedForDamage(String what) {
    return ledger
        .damage()
        .map(
            damage ->
                new Answer.Refused(
                    Answer.Kind.NOT_NOW, "cannot " + what + ": " + damage + "; " + DAMAGED));
  }

  /** What cannot be looked up at this moment is no fault of the request. */
  private static Answer.Refused notNow(String what, String done, UncheckedIOException problem) {
    return new Answer.Refused(
        Answer.Kind.NOT_NOW,
        "cannot " + what + ": " + problem.getMessage() + "; nothing was " + done + ", try again");
  }

  private static EnqueueResult refused(Answer.Refused answer) {
    return new EnqueueResult.Refused(answer.kind(), answer.why(), List.of());
  }

  private static EnqueueResult refused(List<ValidationError> faults) {
    return new EnqueueResult.Refused(
        Answer.Kind.USER,
        faults.size() == 1
            ? "cannot enqueue: " + faults.get(0) + "; nothing was enqueued"
            : "cannot enqueue: " + faults.size() + " things are wrong; nothing was enqueued",
        faults);
  }

  /**
   * Why that cannot be run for whom it is asked for.
   *
   * @throws UncheckedIOException if it cannot be told now
   */
  private List<ValidationError> faults(Spec spec, Caller caller, Optional<String> as) {
    List<ValidationError> faults = ownerFaults(caller, as);
    return faults.isEmpty() ? launchFaults(spec, as.orElse(caller.user())) : faults;
  }

  /** Before anything is looked for as the owner. */
  private List<ValidationError> ownerFaults(Caller caller, Optional<String> as) {
    UserAccounts accounts = checks.accounts();
    if (as.isPresent() && !accounts.asOwner()) {
      return List.of(
          new ValidationError("as", "here all experiments run as the same user; leave it out"));
    }
    if (as.isPresent() && !caller.operator()) {
      return List.of(
          new ValidationError("as", "to enqueue for others is for the operator; leave it out"));
    }
    return accounts.refusal(as.orElse(caller.user())).stream()
        .map(why -> new ValidationError(as.isPresent() ? "as" : "owner", why))
        .toList();
  }

  /** What would keep the experiment from being launched on this machine, as it is now. */
  private List<ValidationError> launchFaults(Spec spec, String owner) {
    String id = spec.id().orElse("exp-0");
    Validated<LaunchPlan> plan = checks.runner().plan(spec, folders.of(id), owner);
    if (plan instanceof Validated.Invalid<LaunchPlan> bad) {
      return bad.faults();
    }
    LaunchPlan launch = ((Validated.Valid<LaunchPlan>) plan).value();
    Experiment trial =
        Experiment.enqueued(
            id, 1, new Submission(owner, "", 0, limits.defaultRamBytes(), Instant.EPOCH), "");
    List<ValidationError> faults = new ArrayList<>();
    InstanceSpec instance =
        instances.of(
            trial,
            spec,
            launch,
            0,
            spec.times().maxDuration(),
            checks.accounts().asOwner() ? Optional.of(owner) : Optional.empty(),
            folders.output(id));
    for (String problem : checks.unitProblems().apply(instance)) {
      faults.add(new ValidationError("unit", problem));
    }
    return faults;
  }

  /** The whole at this moment. */
  public CompletableFuture<StatusSummary> overview() {
    return loop.ask(
        state -> {
          Map<ExperimentState, Integer> counts = new EnumMap<>(ExperimentState.class);
          for (Experiment experiment : state.experiments()) {
            counts.merge(experiment.state(), 1, Integer::sum);
          }
          return new StatusSummary(
              limits.slots(),
              state.active().size(),
              limits.totalRamBytes(),
              state.active().stream().mapToLong(e -> e.submission().ramBytes()).sum(),
              state.runtime().heat(),
              instruments.zones(),
              state.runtime().managerProblem(),
              ledger.damage().map(what -> what + "; " + DAMAGED).orElse(""),
              counts,
              state.draining(),
              state.runtime().unmanaged(),
              state.groups().stream().filter(GroupState::held).toList());
        });
  }

  /**
   * All that are not done: those that hold a slot, then those that wait in the order in which they
   * will be considered; after them those that ended last, the latest first.
   */
  public CompletableFuture<List<StatusSummary.Shown>> list() {
    return loop.ask(
            state ->
                Stream.of(
                        state.active().stream(),
                        state.waiting().stream(),
                        state.experiments().stream()
                            .filter(
                                e -> !e.state().isActive() && e.state() != ExperimentState.QUEUED))
                    .flatMap(Function.identity())
                    .map(experiment -> shown(state, experiment))
                    .toList())
        .thenApply(
            active -> {
              List<StatusSummary.Shown> all = new ArrayList<>(active);
              try {
                for (Experiment experiment : ledger.ended(ENDED_SHOWN)) {
                  all.add(new StatusSummary.Shown(experiment, experiment.status().reason()));
                }
              } catch (LedgerException e) {
                // What is not done is shown all the same; the overview tells of the damage.
              }
              return all;
            });
  }

  private StatusSummary.Shown shown(State state, Experiment experiment) {
    return new StatusSummary.Shown(experiment, decider.why(state, experiment, clock.get()));
  }

  /**
   * How hot it is, where that is going, and what is done about it.
   *
   * @param parts into how many the last hour is cut, 1 or more
   */
  public CompletableFuture<Thermal> thermal(int parts) {
    return thermalState().thenApplyAsync(thermalState -> machine.thermal(thermalState, parts));
  }

  /** The power mode, and what the board draws. */
  public CompletableFuture<PowerUse> power() {
    return thermalState().thenApplyAsync(thermalState -> machine.power(thermalState.power()));
  }

  /** What is missing or odd about the machine, good or bad, always in the same order. */
  public CompletableFuture<List<Finding>> doctor() {
    return thermalState().thenApplyAsync(machine::findings);
  }

  /** What holds of the installation, and what does not; always in the same order. */
  public CompletableFuture<List<Fact>> verify() {
    return loop.ask(
            state -> {
              List<Inspection.Bounded> bounded =
                  state.active().stream().map(this::bounded).toList();
              Heat heat = state.runtime().thermalState().heat();
              return (Supplier<Installation>) () -> inspection.measure(bounded, heat);
            })
        // Not in the loop's thread: it reads files, and waits for systemd.
        .thenApplyAsync(measuring -> Verification.of(measuring.get()));
  }

  private Inspection.Bounded bounded(Experiment experiment) {
    OptionalInt own =
        checks.reader().apply(experiment.submission().spec()) instanceof Validated.Valid<Spec> good
            ? good.value().resources().cpuQuotaPercent()
            : OptionalInt.empty();
    return new Inspection.Bounded(
        experiment.id(),
        experiment.submission().ramBytes(),
        own.isPresent() ? own : OptionalInt.of(limits.defaultCpuPercent()));
  }

  private CompletableFuture<ThermalState> thermalState() {
    return loop.ask(state -> state.runtime().thermalState());
  }

  /** All about one experiment, also when it is done; empty if the id was never given out. */
  public CompletableFuture<Optional<Details>> details(String id) {
    // Not in the loop's thread: its runner's notes are files, and may take a second to read.
    return find(id)
        .thenApplyAsync(
            found ->
                found.map(
                    shown -> {
                      List<Run> runs = ledger.runs(id);
                      return new Details(
                          shown,
                          runs,
                          machine.measured(runs),
                          ledger.transitions(id),
                          folders.output(id),
                          instances.outputTo(),
                          facts(shown.experiment()));
                    }));
  }

  private Optional<RunnerFacts> facts(Experiment experiment) {
    return checks.reader().apply(experiment.submission().spec())
            instanceof Validated.Valid<Spec> good
        ? checks
            .runner()
            .facts(good.value(), folders.of(experiment.id()), experiment.submission().owner())
        : Optional.empty();
  }

  /** An experiment, whether or not it is done. */
  private CompletableFuture<Optional<StatusSummary.Shown>> find(String id) {
    return loop.ask(state -> state.find(id).map(experiment -> shown(state, experiment)))
        .thenApply(
            active ->
                active.or(
                    () ->
                        ledger.find(id).map(e -> new StatusSummary.Shown(e, e.status().reason()))));
  }

  /** What can be asked of an experiment. */
  public enum Verb {
    /** End it for good. */
    STOP,
    /** Keep it from starting. */
    HOLD,
    /** Let it start again. */
    RELEASE,
    /** Let it come back by itself after a boot. */
    ENABLE,
    /** Keep it from coming back by itself after a boot. */
    DISABLE;

    /** As in commands and paths. */
    public String word() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /** Asks something of an experiment; completes once that is stored, or refused. */
  public CompletableFuture<Answer> ask(Verb verb, String id, Caller caller) {
    return find(id)
        .thenCompose(
            found -> {
              if (found.isEmpty()) {
                return CompletableFuture.completedFuture(unknown(verb.word(), id));
              }
              Experiment experiment = found.get().experiment();
              if (!caller.mayControl(experiment)) {
                return CompletableFuture.completedFuture(
                    new Answer.Refused(
                        Answer.Kind.USER,
                        "cannot "
                            + verb.word()
                            + " '"
                            + id
                            + "': it belongs to "
                            + experiment.submission().owner()
                            + "; nothing was changed"));
              }
              if (experiment.state().isFinal()) {
                return CompletableFuture.completedFuture(
                    new Answer.Refused(
                        Answer.Kind.USER,
                        "cannot "
                            + verb.word()
                            + " '"
                            + id
                            + "': it is "
                            + experiment.state().word()
                            + " already"));
              }
              LongFunction<Event> event =
                  switch (verb) {
                    case STOP -> ticket -> new Event.StopAsked(ticket, id, caller.user());
                    case HOLD -> ticket -> new Event.HoldAsked(ticket, id, caller.user());
                    case RELEASE -> ticket -> new Event.ReleaseAsked(ticket, id, caller.user());
                    case ENABLE ->
                        ticket -> new Event.AutostartAsked(ticket, id, true, caller.user());
                    case DISABLE ->
                        ticket -> new Event.AutostartAsked(ticket, id, false, caller.user());
                  };
              return loop.request(event);
            });
  }

  /** Lets nothing start any more, or again; for operators. */
  public CompletableFuture<Answer> drain(boolean draining, Caller caller) {
    String verb = draining ? "drain" : "resume";
    return operatorOnly(verb + " the queue", caller)
        .orElseGet(
            () -> loop.request(ticket -> new Event.DrainAsked(ticket, draining, caller.user())));
  }

  /** Lets a held group try again; for operators. */
  public CompletableFuture<Answer> releaseGroup(String group, Caller caller) {
    return operatorOnly("release group '" + group + "'", caller)
        .orElseGet(
            () ->
                loop.request(ticket -> new Event.GroupReleaseAsked(ticket, group, caller.user())));
  }

  private static Optional<CompletableFuture<Answer>> operatorOnly(String what, Caller caller) {
    return caller.operator()
        ? Optional.empty()
        : Optional.of(
            CompletableFuture.completedFuture(
                new Answer.Refused(
                    Answer.Kind.USER,
                    "cannot " + what + ": that is for the operator; nothing was changed")));
  }

  /**
   * Enqueues a spec again and again.
   *
   * @param id the schedule's name; its experiments are numbered after it
   * @param cron when, as in cron(8) or with a field for the second before
   * @param request as for {@link #enqueue}; here it is the schedule's id that counts
   * @param as as for {@link #enqueue}
   */
  public CompletableFuture<Answer> schedule(
      String id, String cron, String request, Caller caller, Optional<String> as) {
    Validated<Asked> read = read(request, spec -> Optional.of(id));
    if (read instanceof Validated.Invalid<Asked> bad) {
      return CompletableFuture.completedFuture(
          new Answer.Refused(
              Answer.Kind.USER,
              "cannot schedule '"
                  + id
                  + "': "
                  + bad.faults().stream()
                      .map(ValidationError::toString)
                      .collect(Collectors.joining("; "))
                  + "; nothing was scheduled"));
    }
    Asked asked = ((Validated.Valid<Asked>) read).value();
    Spec spec = asked.spec();
    String owner = as.orElse(caller.user());
    List<ValidationError> faults;
    try {
      faults = faults(spec, caller, as);
    } catch (UncheckedIOException e) {
      return CompletableFuture.completedFuture(notNow("schedule '" + id + "'", "scheduled", e));
    }
    if (!Spec.isId(id + LAST_NUMBER) || !faults.isEmpty()) {
      return CompletableFuture.completedFuture(
          new Answer.Refused(
              Answer.Kind.USER,
              "cannot schedule '"
                  + id
                  + "': "
                  + (faults.isEmpty()
                      ? "id: "
                          + (Spec.isId(id)
                              ? "its experiments are numbered after it, and their ids become longer"
                                  + " than 64; shorten it by "
                                  + LAST_NUMBER.length()
                              : "use " + Spec.ID_RULE)
                      : faults.get(0).toString())
                  + "; nothing was scheduled"));
    }
    Optional<Answer.Refused> damaged = refusedForDamage("schedule '" + id + "'");
    if (damaged.isPresent()) {
      return CompletableFuture.completedFuture(damaged.get());
    }
    Schedule schedule = new Schedule(id, cron, asked.request(), owner, true, 1, Optional.empty());
    return loop.request(
        ticket ->
            new Event.ScheduleAsked(ticket, schedule, spec, DependencyOutcomes.of(ledger, spec)));
  }

  /** Removes a schedule; its experiments stay. */
  public CompletableFuture<Answer> unschedule(String id, Caller caller) {
    return loop.request(
        ticket -> new Event.UnscheduleAsked(ticket, id, caller.user(), caller.operator()));
  }

  /** All schedules. */
  public CompletableFuture<List<Schedule>> schedules() {
    return loop.ask(state -> List.copyOf(state.schedules()));
  }

  /** Takes a copy of the ledger, to its end. */
  public interface CopyReader {
    void read(InputStream copy) throws IOException;
  }

  /**
   * Makes a copy of the whole ledger, has it read, and removes it; blocks meanwhile.
   *
   * @throws LedgerException if it cannot be made; nothing is left of it
   * @throws IOException if it cannot be read
   */
  public void backup(CopyReader reader) throws IOException {
    Path copy = copies.resolve("copy-" + copied.incrementAndGet() + ".db");
    try {
      ledger.backup(copy);
      try (InputStream in = Files.newInputStream(copy)) {
        reader.read(in);
      }
    } finally {
      Files.deleteIfExists(copy);
    }
  }

  /** The refusal for an id that was never given out. */
  public static Answer.Refused unknown(String verb, String id) {
    return new Answer.Refused(
        Answer.Kind.UNKNOWN_ID,
        "cannot " + verb + " '" + id + "': no experiment has that id; 'coord list' shows them");
  }

  /** Completes when the experiment is done, at once if it is; empty for an unknown id. */
  public CompletableFuture<Optional<Experiment>> whenEnded(String id) {
    CompletableFuture<Optional<Experiment>> ended = new CompletableFuture<>();
    // Listen first, look then: an end between the two must not be missed.
    Runnable unlisten =
        loop.listen(
            moved -> {
              if (moved.id().equals(id) && moved.to().state().isFinal()) {
                // In the loop's thread, which a ledger that cannot be read must not end.
                try {
                  ended.complete(ledger.find(id));
                } catch (LedgerException e) {
                  ended.completeExceptionally(e);
                }
              }
            });
    ended.whenComplete((experiment, problem) -> unlisten.run());
    find(id)
        .whenComplete(
            (found, problem) -> {
              if (problem != null) {
                ended.completeExceptionally(problem);
              } else if (found.isEmpty() || found.get().experiment().state().isFinal()) {
                ended.complete(found.map(StatusSummary.Shown::experiment));
              }
            });
    return ended;
  }
}
