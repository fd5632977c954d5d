package io.coord.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class UserSharesTest {
  private final UserShares shares = new UserShares(2, 3, 5);

  @Test
  void nobodyTakesMoreThanAShare() {
    assertThat(shares.take("ada", false, 1)).isTrue();
    assertThat(shares.take("ada", false, 2)).isFalse();
    assertThat(shares.take("ada", false, 1)).isTrue();
    assertThat(shares.take("ada", false, 1)).isFalse();
    assertThat(shares.take("bob", false, 1)).isTrue();

    shares.giveBack("ada", false, 1);

    assertThat(shares.take("ada", false, 1)).isTrue();
  }

  @Test
  void aPartIsForOperators() {
    assertThat(shares.take("ada", false, 2)).isTrue();
    assertThat(shares.take("bob", false, 1)).isTrue();
    assertThat(shares.take("eve", false, 1)).isFalse();
    assertThat(shares.take("root", true, 2)).isTrue();
    assertThat(shares.take("root", true, 1)).isFalse();

    shares.giveBack("root", true, 2);
    shares.giveBack("ada", false, 2);

    assertThat(shares.take("root", true, 4)).isTrue();
  }
}
