package io.coord.systemd;

import java.util.Optional;

/**
 * What systemd could not do before it executed a program, by the exit code with which it then ends
 * the process: "Process Exit Codes" of systemd.exec(5). A program may end with the same code by
 * itself; {@link UnitStatus#setupFailure} tells the two apart.
 */
public enum SetupFailure {
  CHDIR(200, Kind.PASSING, "cannot enter the working directory"),
  NICE(201, Kind.PERMANENT, "cannot set the scheduling priority"),
  FDS(202, Kind.UNKNOWN, "cannot set up file descriptors"),
  EXEC(
      203,
      Kind.PERMANENT,
      "cannot execute the program: its format is wrong, or its interpreter is missing"),
  MEMORY(204, Kind.PASSING, "not enough memory to prepare the process"),
  LIMITS(205, Kind.PERMANENT, "cannot set resource limits"),
  OOM_ADJUST(206, Kind.PERMANENT, "cannot set the out-of-memory score"),
  SIGNAL_MASK(207, Kind.PERMANENT, "cannot set the signal mask"),
  STDIN(208, Kind.PASSING, "cannot open the standard input"),
  STDOUT(209, Kind.PASSING, "cannot open the output file"),
  CHROOT(210, Kind.PERMANENT, "cannot change the root directory"),
  IOPRIO(211, Kind.PERMANENT, "cannot set the I/O priority"),
  TIMERSLACK(212, Kind.PERMANENT, "cannot set the timer slack"),
  SECUREBITS(213, Kind.PERMANENT, "cannot set secure bits"),
  SETSCHEDULER(214, Kind.PERMANENT, "cannot set the CPU scheduler"),
  CPUAFFINITY(215, Kind.PERMANENT, "cannot set the CPU affinity"),
  GROUP(216, Kind.PASSING, "cannot look up or enter the group"),
  USER(217, Kind.PASSING, "cannot look up or enter the account"),
  CAPABILITIES(218, Kind.PERMANENT, "cannot drop or apply capabilities"),
  CGROUP(219, Kind.PASSING, "cannot set up the control group"),
  SETSID(220, Kind.UNKNOWN, "cannot create a session"),
  CONFIRM(221, Kind.PERMANENT, "the start was cancelled at the console"),
  STDERR(222, Kind.PASSING, "cannot open the file for errors"),
  PAM(224, Kind.PASSING, "cannot set up the PAM session"),
  NETWORK(225, Kind.PASSING, "cannot set up the network namespace"),
  NAMESPACE(226, Kind.PASSING, "cannot set up the mount namespace"),
  NO_NEW_PRIVILEGES(227, Kind.PERMANENT, "cannot disable new privileges"),
  SECCOMP(228, Kind.PERMANENT, "cannot apply the system call filter"),
  SELINUX_CONTEXT(229, Kind.PERMANENT, "cannot change the SELinux context"),
  PERSONALITY(230, Kind.PERMANENT, "cannot set the execution domain"),
  APPARMOR_PROFILE(231, Kind.PERMANENT, "cannot change the AppArmor profile"),
  ADDRESS_FAMILIES(232, Kind.PERMANENT, "cannot restrict address families"),
  RUNTIME_DIRECTORY(233, Kind.PASSING, "cannot set up the runtime directory"),
  CHOWN(235, Kind.PASSING, "cannot change the owner of a socket"),
  SMACK_PROCESS_LABEL(236, Kind.PERMANENT, "cannot set the SMACK label"),
  KEYRING(237, Kind.PASSING, "cannot set up the kernel keyring"),
  STATE_DIRECTORY(238, Kind.PASSING, "cannot set up the state directory"),
  CACHE_DIRECTORY(239, Kind.PASSING, "cannot set up the cache directory"),
  LOGS_DIRECTORY(240, Kind.PASSING, "cannot set up the logs directory"),
  CONFIGURATION_DIRECTORY(241, Kind.PASSING, "cannot set up the configuration directory"),
  NUMA_POLICY(242, Kind.PERMANENT, "cannot set the NUMA memory policy"),
  CREDENTIALS(243, Kind.PASSING, "cannot set up credentials");

  /** Whether another attempt may succeed. */
  public enum Kind {
    /** It fails again until somebody changes something. */
    PERMANENT,
    /** A disk, a mount, memory or a directory service may be there later. */
    PASSING,
    /** Nothing is known about it. */
    UNKNOWN
  }

  private final int code;
  private final Kind kind;
  private final String words;

  SetupFailure(int code, Kind kind, String words) {
    this.code = code;
    this.kind = kind;
    this.words = words;
  }

  /** The failure with this exit code; empty if systemd has none with it. */
  public static Optional<SetupFailure> of(int code) {
    for (SetupFailure failure : values()) {
      if (failure.code == code) {
        return Optional.of(failure);
      }
    }
    return Optional.empty();
  }

  public Kind kind() {
    return kind;
  }

  /** What failed, with systemd's code and name. */
  public String sentence() {
    return words + " (" + code + "/" + name() + ")";
  }
}
