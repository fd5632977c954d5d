package io.coord.systemd.unitfile;

import java.util.List;
import java.util.Random;

/** Seeded text that a careless writer of unit files would trip over. */
final class HostileText {
  /** Each of these is special to systemd, to a shell or to both, or was in somebody's CVE. */
  static final List<String> KNOWN =
      List.of(
          "",
          " ",
          "  two  spaces  ",
          "\t",
          "\n",
          "\n[Service]\nExecStart=/bin/touch /tmp/injected\n",
          "\r\n[Service]\r\nExecStartPost=/bin/touch /tmp/injected",
          "\\\n[Service]\nUser=root",
          "\"\nExecStartPost=/bin/touch /tmp/injected\n#",
          ";",
          "\\;",
          " ; /bin/touch /tmp/injected",
          "&&",
          "-",
          "--",
          "-rf",
          "@x",
          ":x",
          "+x",
          "!x",
          "!!x",
          "|x",
          "$",
          "$$",
          "$HOME",
          "${HOME}",
          "$${HOME}",
          "a$HOME b",
          "$(id)",
          "`id`",
          "%",
          "%%",
          "%n",
          "%h/%u",
          "100%",
          "%%%",
          "'",
          "\"",
          "'single'",
          "\"double\"",
          "it's",
          "\\",
          "\\\\",
          "\\\"",
          "\\n",
          "\\x41",
          "\\u0041",
          "\\101",
          "trailing\\",
          "# no comment",
          "KEY=value",
          "=",
          "[Install]",
          "a=b\\\nc=d",
          "ünïcödé",
          "Á\u0081\u0088\u0085\u2028\u2029",
          "日本語",
          "🧠🔥 👩‍🔬",
          "\uFEFFbom",
          "\u00A0");

  private static final String[] PIECES = {
    "\"", "'", "\\", "$", "%", "`", ";", "\n", "\t", " ", "{", "}", "=", "#", "[", "]", "-", "@",
    ":", "+", "!", "|", "&", "n", "x41", "HOME", "a", "Z", "0", "é", "Á", "\u0085", "漢", "😀",
    "\\\n"
  };

  private static final String[] CONTROLS = {"\r", "\u0001", "\u0007", "\b", "\u001B", "\u007F"};

  private HostileText() {}

  /**
   * @param controls whether control characters other than tab and line end may be in it
   */
  static String next(Random random, boolean controls) {
    if (random.nextInt(4) == 0) {
      String known = KNOWN.get(random.nextInt(KNOWN.size()));
      return controls ? known : known.replace("\r", "");
    }
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(12); i >= 0; i--) {
      String[] pieces = controls && random.nextInt(8) == 0 ? CONTROLS : PIECES;
      text.append(pieces[random.nextInt(pieces.length)]);
    }
    return text.toString();
  }
}
