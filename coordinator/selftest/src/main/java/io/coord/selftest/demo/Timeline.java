package io.coord.selftest.demo;

import io.coord.selftest.harness.ApiClient;
import io.coord.selftest.harness.Formats;
import io.coord.selftest.harness.HarnessUnits;
import io.coord.systemd.cgroup.Cgroup;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the coordinator has reported so far. */
final class Timeline {

  /** A change of the thermal state. */
  record HeatChange(String state, Instant since) {}

  /** One line about something that changed. */
  record News(Instant at, String line) {}

  /** The limits of one running experiment as the kernel holds them. */
  record Limits(
      Optional<Cgroup.Limit> memory,
      Optional<Cgroup.Limit> swap,
      Optional<Cgroup.Limit> processor,
      Optional<Cgroup.Limit> tasks) {}

  private final ApiClient api;
  private final HarnessUnits units;
  private final Map<String, ApiClient.Seen> experiments = new LinkedHashMap<>();
  private final Map<String, Integer> transitionsReported = new HashMap<>();
  private final List<HeatChange> heats = new ArrayList<>();
  private final List<News> news = new ArrayList<>();
  private ApiClient.Status status;
  private Optional<Limits> limits = Optional.empty();
  private int maxSlots;
  private long maxReserved;

  Timeline(ApiClient api, HarnessUnits units) throws InterruptedException {
    this.api = api;
    this.units = units;
    this.status = api.status();
  }

  /** Reads the state of everything once. */
  void poll() throws InterruptedException {
    status = api.status();
    maxSlots = Math.max(maxSlots, status.slotsTaken());
    maxReserved = Math.max(maxReserved, status.reservedRamBytes());
    noteHeat();
    Map<String, ApiClient.Seen> listed = new HashMap<>();
    api.list().forEach(seen -> listed.put(seen.id(), seen));
    for (String id : DemoExperiments.IDS) {
      ApiClient.Seen seen = listed.get(id);
      if (seen == null) {
        continue;
      }
      ApiClient.Seen before = experiments.put(id, seen);
      if (before == null
          || !before.since().equals(seen.since())
          || !before.state().equals(seen.state())) {
        noteTransitions(id);
      }
      if (id.equals(DemoExperiments.PLAIN) && seen.state().equals("running") && limits.isEmpty()) {
        limits =
            units
                .cgroup(id)
                .map(
                    group ->
                        new Limits(group.memory(), group.swap(), group.processor(), group.tasks()));
      }
    }
  }

  private void noteHeat() {
    HeatChange now = new HeatChange(status.heat(), status.heatSince());
    if (heats.isEmpty()) {
      heats.add(now);
    } else if (!heats.get(heats.size() - 1).equals(now)) {
      heats.add(now);
      news.add(new News(now.since(), "thermal state " + now.state() + ": " + status.heatReason()));
    }
  }

  private void noteTransitions(String id) throws InterruptedException {
    List<ApiClient.Transition> all = api.details(id).transitions();
    for (ApiClient.Transition one :
        all.subList(transitionsReported.getOrDefault(id, 0), all.size())) {
      // Its first transition comes from nowhere.
      String from = one.from().equals(one.to()) ? "" : one.from() + " ";
      news.add(
          new News(
              one.at(), Formats.padded(id, 12) + from + "→ " + one.to() + ": " + one.reason()));
    }
    transitionsReported.put(id, all.size());
  }

  /** One line for each change since the last call, oldest first. */
  List<News> news() {
    List<News> reported = news.stream().sorted(Comparator.comparing(News::at)).toList();
    news.clear();
    return reported;
  }

  boolean isOver() {
    return experiments.size() == DemoExperiments.IDS.size()
        && experiments.values().stream().allMatch(ApiClient.Seen::isOver);
  }

  Optional<ApiClient.Seen> seen(String id) {
    return Optional.ofNullable(experiments.get(id));
  }

  List<ApiClient.Seen> experiments() {
    return List.copyOf(experiments.values());
  }

  ApiClient.Status status() {
    return status;
  }

  List<HeatChange> heats() {
    return heats;
  }

  /** Of {@link DemoExperiments#PLAIN}, read while it ran; empty if it was never seen running. */
  Optional<Limits> limits() {
    return limits;
  }

  /** The most experiments that were ever seen to hold a slot at once. */
  int maxSlots() {
    return maxSlots;
  }

  /** The most memory that was ever seen to be reserved at once. */
  long maxReserved() {
    return maxReserved;
  }
}
