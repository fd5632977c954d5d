package io.coord.thermal;

/**
 * What the fan does. It belongs to another service and is only looked at.
 *
 * @param rotationsPerMinute as measured; lags by seconds
 * @param pwm what is asked of it, 0 to 255
 */
public record Fan(Reading<Long> rotationsPerMinute, Reading<Long> pwm) {}
