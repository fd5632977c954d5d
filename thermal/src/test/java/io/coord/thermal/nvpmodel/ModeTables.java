package io.coord.thermal.nvpmodel;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.coord.thermal.Cores;
import io.coord.thermal.PowerMode;
import io.coord.thermal.PowerModes;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.TreeMap;

/** The power modes of every board, from the fixtures, and the text of their configurations. */
final class ModeTables {

  /** One mode of one board; {@code group} has the same letter for modes that switch live. */
  record Row(String board, int defaultId, PowerMode mode, String group) {}

  private ModeTables() {}

  static String resource(String name) {
    try (InputStream in =
        Objects.requireNonNull(ModeTables.class.getResourceAsStream(name), name)) {
      return new String(in.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All rows, by the name of the board's configuration. */
  static Map<String, List<Row>> boards() {
    Map<String, List<Row>> boards = new TreeMap<>();
    resource("modes.tsv")
        .lines()
        .filter(line -> !line.startsWith("#") && !line.startsWith("conf\t"))
        .map(line -> row(line.split("\t", -1)))
        .forEach(row -> boards.computeIfAbsent(row.board(), b -> new ArrayList<>()).add(row));
    return boards;
  }

  static List<Row> rows(String board) {
    return Objects.requireNonNull(boards().get(board), board);
  }

  static PowerModes board(String name) {
    List<Row> rows = rows(name);
    return new PowerModes(rows.stream().map(Row::mode).toList(), rows.get(0).defaultId());
  }

  private static Row row(String[] cells) {
    int online = Integer.parseInt(cells[6]);
    Cores offline = cells[7].matches("[-?]") ? Cores.of() : Cores.parse(cells[7]);
    Cores all = Cores.parse("0-" + (online + offline.count() - 1));
    Map<String, String> masks = new TreeMap<>();
    if (cells[8].startsWith("pg:")) {
      masks.put("GPU_PG_MASK", cells[8].substring("pg:".length()));
    } else if (!cells[8].matches("[-?]")) {
      masks.put("TPC_PG_MASK", cells[8]);
    }
    if (!cells[9].equals("-")) {
      masks.put("FBP_PG_MASK", cells[9]);
    }
    return new Row(
        cells[0],
        Integer.parseInt(cells[3]),
        new PowerMode(
            Integer.parseInt(cells[4]),
            cells[5],
            all.without(offline),
            offline,
            masks,
            cap(cells[10]),
            cap(cells[11]),
            cap(cells[12])),
        cells[13]);
  }

  private static OptionalLong cap(String cell) {
    return cell.matches("-1|0|[-?]") ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(cell));
  }

  /** The configuration of a board with these modes, as its vendor would write it. */
  static String text(PowerModes modes) {
    StringBuilder text =
        new StringBuilder("# modes of one board\n< PARAM TYPE=FILE NAME=CPU_ONLINE >\n");
    int cores =
        modes.modes().stream()
            .mapToInt(m -> m.online().count() + m.offline().count())
            .max()
            .orElse(1);
    for (int core = 0; core < cores; core++) {
      text.append("CORE_%1$d /sys/devices/system/cpu/cpu%1$d/online\n".formatted(core));
    }
    text.append("< PARAM TYPE=FILE NAME=TPC_POWER_GATING >\n")
        .append("TPC_PG_MASK /sys/devices/gpu.0/tpc_pg_mask\n")
        .append("TPC_PG_MASK_KNEXT /sys/devices/platform/gpu.0/tpc_pg_mask\n")
        .append("<PARAM TYPE=CLOCK NAME=EMC >\n")
        .append("MAX_FREQ /sys/kernel/nvpmodel_emc_cap/emc_iso_cap\n\n");
    for (PowerMode mode : modes.modes()) {
      text.append("< POWER_MODEL ID=%d NAME=%s >\n".formatted(mode.id(), mode.name()));
      mode.online()
          .numbers()
          .forEach(core -> text.append("CPU_ONLINE CORE_%d 1\n".formatted(core)));
      mode.offline()
          .numbers()
          .forEach(core -> text.append("CPU_ONLINE CORE_%d 0\n".formatted(core)));
      mode.gatingMasks()
          .forEach(
              (mask, value) ->
                  text.append(
                      "%s_POWER_GATING %s %s\n"
                          .formatted(mask.substring(0, mask.indexOf('_')), mask, value)));
      text.append("CPU_A78_0 MIN_FREQ 729600\n")
          .append("CPU_A78_0 MAX_FREQ %d\n".formatted(mode.cpuMaxKilohertz().orElse(-1)))
          .append("GPU MIN_FREQ 0\n")
          .append("GPU MAX_FREQ %d\n".formatted(mode.gpuMaxHertz().orElse(-1)))
          .append("EMC MAX_FREQ %d\n\n".formatted(mode.emcMaxHertz().orElse(0)));
    }
    return text.append("< PM_CONFIG DEFAULT=%d >\n".formatted(modes.defaultId().getAsInt()))
        .toString();
  }
}
