package io.coord.scheduler.executor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** No answer of the service manager is waited for without end. */
class CallsUnderWayTest {
  private final CallsUnderWay calls = new CallsUnderWay();

  @Test
  void aStartWhoseAnswerIsLostIsForgotten() {
    calls.startAsked("a");
    calls.startSent("a");
    calls.surveyAsked();
    calls.surveyAsked();
    assertThat(calls.any("a")).as("it may take a while").isTrue();
    calls.surveyAsked();
    assertThat(calls.any("a")).isFalse();
  }

  @Test
  void aStopWhoseAnswerIsLostIsAskedAgain() {
    assertThat(calls.stopAsked("a")).isTrue();
    assertThat(calls.stopAsked("a")).as("once is enough").isFalse();
    for (int i = 0; i < 3; i++) {
      calls.surveyAsked();
    }
    assertThat(calls.any("a")).isFalse();
    assertThat(calls.stopAsked("a")).isTrue();
  }

  @Test
  void aStartWithoutAnAnswerIsForgottenAtTheNextSurvey() {
    calls.startAsked("a");
    calls.startUnanswered("a");
    assertThat(calls.any("a")).isTrue();
    calls.surveyAsked();
    assertThat(calls.any("a")).isFalse();
  }

  @Test
  void anAnswerEndsTheWait() {
    calls.startAsked("a");
    calls.stopAsked("a");
    calls.startEnded("a");
    assertThat(calls.any("a")).isTrue();
    calls.stopEnded("a");
    assertThat(calls.any("a")).isFalse();
  }

  @Test
  void aStartThatWasNotSentIsNotForgotten() {
    calls.startAsked("a");
    for (int i = 0; i < 5; i++) {
      calls.surveyAsked();
    }
    assertThat(calls.any("a")).as("the lane is slow").isTrue();
    calls.startSent("a");
    calls.surveyAsked();
    assertThat(calls.any("a")).as("it was sent a moment ago").isTrue();
  }
}
