package io.coord.server.cli;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Which of the caller's variables an experiment gets. In all lists a name that ends in {@code *} is
 * a prefix. Immutable.
 *
 * @param passedHere passed on this machine in addition to those that are always passed
 */
public record EnvironmentRules(List<String> passedHere) {
  private static final List<String> PASSED =
      List.of(
          "PATH",
          "HOME",
          "USER",
          "LOGNAME",
          "SHELL",
          "LANG",
          "LANGUAGE",
          "LC_*",
          "TZ",
          "TMPDIR",
          "VIRTUAL_ENV",
          "CONDA_*",
          "PYTHON*",
          "LD_LIBRARY_PATH",
          "CUDA_*",
          "CUDNN_*",
          "NVIDIA_*",
          "OMP_*",
          "MKL_*",
          "OPENBLAS_*",
          "TORCH_*",
          "HF_HOME",
          "XDG_CACHE_HOME");

  /** Of these, the ones that are about the caller, and mislead what runs as somebody else. */
  private static final List<String> ABOUT_CALLER =
      List.of("HOME", "USER", "LOGNAME", "SHELL", "TMPDIR", "HF_HOME", "XDG_CACHE_HOME");

  /**
   * Known to change what experiments do, and not passed: some are secrets, others name services
   * that an experiment may not be meant to use.
   */
  private static final List<String> MISSED =
      List.of(
          "http_proxy",
          "https_proxy",
          "ftp_proxy",
          "all_proxy",
          "no_proxy",
          "HTTP_PROXY",
          "HTTPS_PROXY",
          "FTP_PROXY",
          "ALL_PROXY",
          "NO_PROXY",
          "SSL_CERT_FILE",
          "SSL_CERT_DIR",
          "REQUESTS_CA_BUNDLE",
          "CURL_CA_BUNDLE",
          "LD_PRELOAD",
          "GOMP_CPU_AFFINITY",
          "KMP_*",
          "NUMBA_*",
          "NUMEXPR_*",
          "NCCL_*",
          "GLOO_*",
          "UCX_*",
          "MASTER_ADDR",
          "MASTER_PORT",
          "WORLD_SIZE",
          "RANK",
          "LOCAL_RANK",
          "PYTORCH_*",
          "TF_CONFIG",
          "TF_CPP_*",
          "TF_DETERMINISTIC_OPS",
          "TF_ENABLE_*",
          "TF_FORCE_*",
          "TF_GPU_*",
          "TF_NUM_*",
          "TF_USE_*",
          "TF_XLA_FLAGS",
          "TFHUB_CACHE_DIR",
          "XLA_*",
          "JAX_*",
          "KERAS_*",
          "TRITON_*",
          "TENSORRT_*",
          "HF_*",
          "HUGGING_FACE_HUB_TOKEN",
          "HUGGINGFACE_HUB_CACHE",
          "TRANSFORMERS_*",
          "DATASETS_*",
          "TOKENIZERS_PARALLELISM",
          "WANDB_*",
          "MLFLOW_*",
          "COMET_*",
          "NEPTUNE_*",
          "CLEARML_*",
          "RAY_*",
          "OPENAI_*",
          "ANTHROPIC_*",
          "AWS_*",
          "AZURE_*",
          "GOOGLE_*",
          "KAGGLE_*",
          "MPLBACKEND",
          "MPLCONFIGDIR",
          "XDG_CONFIG_HOME",
          "XDG_DATA_HOME");

  public EnvironmentRules {
    passedHere = List.copyOf(passedHere);
  }

  /** What the client is asked for, so that it can be passed or named. */
  List<String> requested() {
    return Stream.of(PASSED, passedHere, MISSED).flatMap(List::stream).distinct().toList();
  }

  /**
   * Whether an experiment gets this variable unasked.
   *
   * @param ofCaller whether it runs as the caller
   */
  boolean passes(String variable, boolean ofCaller) {
    return (matchesOne(PASSED, variable) || matchesOne(passedHere, variable))
        && (ofCaller || !ABOUT_CALLER.contains(variable));
  }

  /** The names among these of variables that an experiment may miss, sorted. */
  Set<String> missed(Map<String, String> callers, Collection<String> passed) {
    Set<String> missed = new TreeSet<>();
    for (String variable : callers.keySet()) {
      if (matchesOne(MISSED, variable) && !passed.contains(variable)) {
        missed.add(variable);
      }
    }
    return missed;
  }

  /** The caller's variables that a name or prefix stands for. */
  static List<String> matching(String pattern, Map<String, String> callers) {
    List<String> found = new ArrayList<>();
    for (String variable : callers.keySet()) {
      if (matches(pattern, variable)) {
        found.add(variable);
      }
    }
    return found;
  }

  private static boolean matchesOne(List<String> patterns, String variable) {
    return patterns.stream().anyMatch(pattern -> matches(pattern, variable));
  }

  private static boolean matches(String pattern, String variable) {
    return pattern.endsWith("*")
        ? variable.startsWith(pattern.substring(0, pattern.length() - 1))
        : variable.equals(pattern);
  }
}
