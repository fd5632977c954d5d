package io.coord.thermal.nvpmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coord.thermal.Cores;
import io.coord.thermal.ThermalException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BoardFilesTest {
  private @TempDir Path root;

  private BoardFiles files() {
    return new BoardFiles(root, root.resolve("sys"));
  }

  private Path write(String file, String text) throws IOException {
    Path path = root.resolve(file);
    Files.createDirectories(path.getParent());
    return Files.writeString(path, text);
  }

  @Test
  void findsTheConfigurationInTheOrderOfTheTool() throws Exception {
    assertThat(files().configuration()).isEmpty();
    Path last = write("odm/etc/nvpmodel.conf", "");
    assertThat(files().configuration()).contains(last);
    Path usual = write("etc/nvpmodel.conf", "");
    assertThat(files().configuration()).contains(usual);
    Path folder = write("etc/nvpmodel/nvpmodel.conf", "");
    assertThat(files().configuration()).contains(folder);
    Path vendor = write("vendor/etc/nvpmodel.conf", "");
    assertThat(files().configuration()).contains(vendor);
    Path own = write("opt/own.conf", "");
    write("var/lib/nvpmodel/conf_file_path", "/opt/own.conf\n");
    assertThat(files().configuration()).contains(own);
    Files.delete(own);
    assertThat(files().configuration()).contains(vendor);
  }

  @Test
  void theConfigurationMayBeALink() throws Exception {
    write("etc/nvpmodel/nvpmodel_p3701_0000.conf", ModeTables.resource("grammar-cases.conf"));
    Files.createSymbolicLink(
        root.resolve("etc/nvpmodel.conf"), Path.of("nvpmodel/nvpmodel_p3701_0000.conf"));
    assertThat(files().modes().modes()).hasSize(3);
  }

  @Test
  void aMachineWithoutAConfigurationHasNoModes() {
    assertThatThrownBy(() -> files().modes())
        .isInstanceOf(ThermalException.class)
        .hasMessage(
            "cannot find '%s/etc/nvpmodel.conf'; power modes are not available".formatted(root));
  }

  @Test
  void everyFormOfTheStatusFileIsRead() throws Exception {
    for (String line :
        ModeTables.resource("samples/nvpmodel-status-files.tsv").lines().skip(2).toList()) {
      String[] cells = line.split("\t", -1);
      write("var/lib/nvpmodel/status", cells[0].replace("\\n", "\n") + "\n");
      if (cells[1].equals("none")) {
        assertThat(files().lastSetId()).as(line).isEmpty();
      } else {
        assertThat(files().lastSetId()).as(line).hasValue(Integer.parseInt(cells[1]));
      }
    }
  }

  @Test
  void aMissingOrInvalidStatusFileHasNoMode() throws Exception {
    assertThat(files().lastSetId()).isEmpty();
    write("var/lib/nvpmodel/status", "pmode:-001");
    assertThat(files().lastSetId()).isEmpty();
    write("var/lib/nvpmodel/status", "pmode:00x1");
    assertThat(files().lastSetId()).isEmpty();
    write("var/lib/nvpmodel/status", "fmode:cool\npmode:0012");
    assertThat(files().lastSetId()).hasValue(12);
  }

  @Test
  void readsTheOnlineCoresFromTheKernel() throws Exception {
    assertThat(files().online()).isEmpty();
    write("sys/devices/system/cpu/online", "0-3,8\n");
    assertThat(files().online()).contains(Cores.of(0, 1, 2, 3, 8));
    write("sys/devices/system/cpu/online", "\n");
    assertThat(files().online()).isEmpty();
    write("sys/devices/system/cpu/online", "?\n");
    assertThat(files().online()).isEmpty();
  }
}
