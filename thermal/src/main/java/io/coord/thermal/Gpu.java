package io.coord.thermal;

/**
 * What the GPU does.
 *
 * @param loadPercent 0 to 100 in steps of 0.1; 0 also while it is powered down
 * @param currentHertz the clock now
 * @param maximumHertz the highest clock that the power mode allows
 */
public record Gpu(
    Reading<Double> loadPercent, Reading<Long> currentHertz, Reading<Long> maximumHertz) {}
