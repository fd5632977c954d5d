#!/bin/bash
# Runs inside the new root (chroot), as root: makes a plain Debian the guest.
# Idempotent. $1 is the folder of the files next to this one.
set -eu
src=$1
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8

echo jetson > /etc/hostname
printf '127.0.0.1\tlocalhost\n127.0.1.1\tjetson\n::1\tlocalhost ip6-localhost\n' > /etc/hosts
echo '/dev/vda / ext4 rw,relatime 0 1' > /etc/fstab
: > /etc/machine-id                     # a new one at the first boot
mkdir -p /var/lib/dbus && ln -sf /etc/machine-id /var/lib/dbus/machine-id
echo 'root:root' | chpasswd

# The user that Jetson images have; password jetson, in group sudo
id jetson >/dev/null 2>&1 || useradd -m -s /bin/bash -u 1000 jetson
echo 'jetson:jetson' | chpasswd
for g in sudo adm systemd-journal video; do usermod -aG "$g" jetson; done

# Ubuntu's PATH, unlike Debian's, has the sbin folders for every user
echo 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' \
    > /etc/profile.d/path.sh

# The journal on disk, as on a Jetson; its sync interval stays the default
mkdir -p /var/log/journal
chgrp systemd-journal /var/log/journal && chmod 2755 /var/log/journal

install -m 755 "$src/machine-agent" /usr/local/sbin/machine-agent
install -m 644 "$src"/*.service /etc/systemd/system/
install -m 755 "$src/nvpmodel" /usr/sbin/nvpmodel
install -m 644 "$src/nvpmodel.conf" /etc/nvpmodel.conf
install -m 644 "$src/nv_tegra_release" /etc/nv_tegra_release
mkdir -p /var/lib/nvpmodel
systemctl enable machine-agent.service nvpmodel.service >/dev/null 2>&1

# Nothing may start work of its own: it would be noise in every measurement.
# getty on the serial line stays: the console log shows when the boot is over.
systemctl mask apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer e2scrub_reap.service \
    fstrim.timer dpkg-db-backup.timer systemd-pstore.service >/dev/null 2>&1
systemctl disable getty@tty1.service >/dev/null 2>&1 || true

# Hardware support that a server without graphics, wireless or KVM has no use
# for; loading it costs seconds of emulated CPU at each boot
for m in kvm kvm_amd kvm_intel ccp cfg80211 pcspkr i2c_i801 drm ahci floppy powernow_k8 \
    aesni_intel ghash_clmulni_intel sha512_ssse3 sha256_ssse3 sha1_ssse3 crct10dif_pclmul \
    crc32_pclmul; do
    echo "install $m /bin/false"
done > /etc/modprobe.d/unused.conf
systemctl mask modprobe@drm.service >/dev/null 2>&1

depmod -a "$(ls /lib/modules)"

rm -rf /var/cache/apt/archives/*.deb /var/lib/apt/lists/* \
    /usr/share/doc/* /usr/share/man/* /usr/share/locale/*
