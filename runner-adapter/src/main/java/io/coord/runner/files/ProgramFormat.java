package io.coord.runner.files;

import io.coord.runner.Quoting;
import io.coord.runner.UserFileAccess;
import io.coord.runner.UserFileAccess.PathKind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Whether the kernel executes a program, by its first bytes; execve(2). What the kernel refuses, no
 * restart makes run. Threads may share it.
 */
public final class ProgramFormat {
  private static final Path BINFMT = Path.of("/proc/sys/fs/binfmt_misc");

  /** e_machine of elf(5), with the 32-bit machine that its kernel also runs. */
  private static final Map<Integer, Integer> ALSO_RUNS = Map.of(62, 3, 183, 40);

  private static final Map<Integer, String> MACHINES =
      Map.of(3, "i386", 62, "x86-64", 40, "ARM", 183, "AArch64", 243, "RISC-V");

  private static final int ELF_HEADER = 20;

  private final UserFileAccess files;
  private final int machine;
  private final boolean otherFormats;

  /**
   * @param machine e_machine of this machine's programs
   * @param otherFormats whether the kernel executes other formats too (binfmt_misc), so that an
   *     unknown one says nothing
   */
  ProgramFormat(UserFileAccess files, int machine, boolean otherFormats) {
    this.files = files;
    this.machine = machine;
    this.otherFormats = otherFormats;
  }

  /** The formats of this machine. */
  public static ProgramFormat ofThisMachine(UserFileAccess files) {
    int machine = 0;
    try (InputStream self = Files.newInputStream(Path.of("/proc/self/exe"))) {
      machine = machineOf(self.readNBytes(ELF_HEADER));
    } catch (IOException e) {
      // Without it, no program is refused for its machine.
    }
    return new ProgramFormat(files, machine, machine == 0 || registersFormats());
  }

  private static boolean registersFormats() {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(BINFMT)) {
      for (Path entry : entries) {
        if (!List.of("register", "status").contains(String.valueOf(entry.getFileName()))) {
          return true;
        }
      }
      return false;
    } catch (IOException e) {
      return Files.exists(BINFMT);
    }
  }

  /**
   * Why the kernel does not execute a program; empty if it does, or if that cannot be told.
   *
   * @param owner the account that runs it
   * @throws java.io.UncheckedIOException if its interpreter cannot be looked at now
   */
  public Optional<String> problem(Path program, String owner) {
    Optional<byte[]> read = files.head(owner, program);
    if (read.isEmpty()) {
      return Optional.empty();
    }
    byte[] head = read.get();
    String text = new String(head, StandardCharsets.ISO_8859_1);
    String shown = Quoting.of(program.toString());
    if (text.startsWith("#!")) {
      return interpreterProblem(text, head.length, owner).map(why -> shown + " " + why);
    }
    if (text.startsWith("\u007fELF")) {
      return machineProblem(head).map(why -> shown + " " + why);
    }
    return otherFormats
        ? Optional.empty()
        : Optional.of(
            shown
                + " is no program that the kernel executes; begin a script with a line such as"
                + " '#!/bin/sh', or name its interpreter first");
  }

  private Optional<String> interpreterProblem(String text, int length, String owner) {
    int end = text.indexOf('\n');
    if (end < 0 && length >= UserFileAccess.HEAD_BYTES) {
      return Optional.empty();
    }
    String line = text.substring(2, end < 0 ? text.length() : end);
    if (line.endsWith("\r")) {
      return Optional.of(
          "has Windows line ends, with which its interpreter is not found; convert it, for example"
              + " with sed -i 's/\\r$//'");
    }
    String interpreter = line.strip().split("[ \t]", 2)[0];
    if (interpreter.isEmpty()) {
      return Optional.of("names no interpreter after '#!'");
    }
    if (!interpreter.startsWith("/")) {
      return Optional.empty();
    }
    try {
      PathKind kind = files.look(owner, List.of(Path.of(interpreter))).get(0);
      return switch (kind) {
        case PROGRAM, HIDDEN -> Optional.empty();
        case NOTHING ->
            Optional.of("needs interpreter " + Quoting.of(interpreter) + ", which does not exist");
        case FOLDER, LOCKED_FOLDER, FILE ->
            Optional.of(
                "needs interpreter " + Quoting.of(interpreter) + ", which is not executable");
      };
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }

  private Optional<String> machineProblem(byte[] head) {
    int of = machineOf(head);
    boolean runs =
        otherFormats || of == 0 || of == machine || of == ALSO_RUNS.getOrDefault(machine, machine);
    return runs
        ? Optional.empty()
        : Optional.of(
            "is a program for " + name(of) + "; this machine runs programs for " + name(machine));
  }

  private static String name(int machine) {
    return MACHINES.getOrDefault(machine, "another machine (ELF machine " + machine + ")");
  }

  /** e_machine, 0 if the header is cut short; in the byte order that the header names. */
  private static int machineOf(byte[] head) {
    if (head.length < ELF_HEADER) {
      return 0;
    }
    int first = Byte.toUnsignedInt(head[18]);
    int second = Byte.toUnsignedInt(head[19]);
    return head[5] == 2 ? first << 8 | second : second << 8 | first;
  }
}
