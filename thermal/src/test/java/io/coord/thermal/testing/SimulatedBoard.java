package io.coord.thermal.testing;

import io.coord.thermal.MilliCelsius;
import io.coord.thermal.ZoneReading;
import io.coord.thermal.Zones;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A board whose zones are set by type. Any thread may set and read.
 *
 * <p>It starts as an AGX Orin at work with JetPack 6: the GPU is powered, {@code cv0} to {@code
 * cv2} are not. Zones keep their order, a new one comes last. Zones do not warm each other: {@code
 * tj-thermal} stays as it is when another one is set.
 */
public final class SimulatedBoard implements Zones {

  private static final String POWERED_DOWN = "cannot read 'temp': Resource temporarily unavailable";

  private final Map<String, Zone> zones = new LinkedHashMap<>();
  private int nextNumber;

  public SimulatedBoard() {
    set("cpu-thermal", 48);
    set("gpu-thermal", 46);
    setOffline("cv0-thermal");
    setOffline("cv1-thermal");
    setOffline("cv2-thermal");
    set("soc0-thermal", 45.5);
    set("soc1-thermal", 46);
    set("soc2-thermal", 45);
    set("tj-thermal", 48);
  }

  private record Zone(String name, Optional<MilliCelsius> temperature, String fault) {}

  /** Gives a zone a temperature; the zone comes into being if the board has none of this type. */
  public void set(String type, double degreesCelsius) {
    set(type, MilliCelsius.ofDegrees(degreesCelsius));
  }

  /** Gives a zone a temperature; the zone comes into being if the board has none of this type. */
  public synchronized void set(String type, MilliCelsius temperature) {
    zones.put(type, new Zone(nameOf(type), Optional.of(temperature), ""));
  }

  /** Makes a zone unreadable, as one whose block is powered down. */
  public void setOffline(String type) {
    setOffline(type, POWERED_DOWN);
  }

  /** Makes a zone unreadable for a reason. */
  public synchronized void setOffline(String type, String fault) {
    zones.put(type, new Zone(nameOf(type), Optional.empty(), fault));
  }

  /** Makes every zone unreadable. */
  public synchronized void setAllOffline() {
    List.copyOf(zones.keySet()).forEach(this::setOffline);
  }

  /** Takes a zone away, as when its driver is unloaded. */
  public synchronized void remove(String type) {
    zones.remove(type);
  }

  /** Takes all zones away: a machine that has none. */
  public synchronized void removeAll() {
    zones.clear();
    nextNumber = 0;
  }

  @Override
  public synchronized List<ZoneReading> read() {
    List<ZoneReading> readings = new ArrayList<>();
    zones.forEach(
        (type, zone) ->
            readings.add(
                zone.temperature()
                    .map(temperature -> ZoneReading.measured(zone.name(), type, temperature))
                    .orElseGet(() -> ZoneReading.offline(zone.name(), type, zone.fault()))));
    return List.copyOf(readings);
  }

  private String nameOf(String type) {
    Zone zone = zones.get(type);
    return zone == null ? "thermal_zone" + nextNumber++ : zone.name();
  }
}
