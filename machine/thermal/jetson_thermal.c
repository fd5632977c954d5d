// SPDX-License-Identifier: GPL-2.0
/*
 * jetson_thermal - thermal zones named as on a Jetson (Orin, T234), whose
 * temperatures are read from a mailbox: a page of memory that the QEMU host shares
 * with the guest through an ivshmem-plain PCI device.
 *
 * Mailbox layout (little endian), written by the host, see ../mailbox.py:
 *   0x00  u32 magic 0x48544a43 ("CJTH")
 *   0x40 + 16*i, for zone slot i:
 *         s32 temperature in millidegrees C (INT_MIN in the tj slot: the
 *             maximum of the other readable zones, as the real tj zone does)
 *         u32 errno to fail the read with, 0 for none
 *         u32 reads made by user space (incremented here)
 *         u32 reads made by the kernel's own polling (incremented here)
 */
#include <linux/io.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/sched.h>
#include <linux/thermal.h>

#define MBX_MAGIC	0x48544a43
#define MBX_SLOT(i)	(0x40 + 16 * (i))

static char *naming = "jp6";
module_param(naming, charp, 0444);
MODULE_PARM_DESC(naming, "zone names: jp6 (cpu-thermal, ...) or jp5 (CPU-therm, ...)");

static const struct { const char *jp6, *jp5; } names[] = {
	{ "cpu-thermal", "CPU-therm" },   { "gpu-thermal", "GPU-therm" },
	{ "cv0-thermal", "CV0-therm" },   { "cv1-thermal", "CV1-therm" },
	{ "cv2-thermal", "CV2-therm" },   { "soc0-thermal", "SOC0-therm" },
	{ "soc1-thermal", "SOC1-therm" }, { "soc2-thermal", "SOC2-therm" },
	{ "tj-thermal", "tj-therm" },
};
#define NZONES	ARRAY_SIZE(names)
#define TJ	(NZONES - 1)

struct mbx_zone {
	void __iomem *mbx;
	int slot, ntrips;
	struct thermal_trip trips[2];
	struct thermal_zone_device *tz;
};

static struct mbx_zone zones[NZONES];

static int mbx_read(void __iomem *mbx, int slot, int *temp)
{
	u32 err = ioread32(mbx + MBX_SLOT(slot) + 4);

	if (err)
		return -(int)err;
	*temp = (int)ioread32(mbx + MBX_SLOT(slot));
	return 0;
}

static int mbx_get_temp(struct thermal_zone_device *tz, int *temp)
{
	struct mbx_zone *z = tz->devdata;
	void __iomem *count = z->mbx + MBX_SLOT(z->slot) +
			      ((current->flags & PF_KTHREAD) ? 12 : 8);
	int ret, i, t, max = INT_MIN;

	iowrite32(ioread32(count) + 1, count);
	ret = mbx_read(z->mbx, z->slot, temp);
	if (ret || z->slot != TJ || *temp != INT_MIN)
		return ret;
	for (i = 0; i < TJ; i++)
		if (!mbx_read(z->mbx, i, &t) && t > max)
			max = t;
	*temp = max;
	return 0;
}

/* Linux 6.1 still wants the trip points through these, not as a table */
static int mbx_trip_type(struct thermal_zone_device *tz, int trip,
			enum thermal_trip_type *type)
{
	struct mbx_zone *z = tz->devdata;

	if (trip < 0 || trip >= z->ntrips)
		return -EINVAL;
	*type = z->trips[trip].type;
	return 0;
}

static int mbx_trip_temp(struct thermal_zone_device *tz, int trip, int *temp)
{
	struct mbx_zone *z = tz->devdata;

	if (trip < 0 || trip >= z->ntrips)
		return -EINVAL;
	*temp = z->trips[trip].temperature;
	return 0;
}

static int mbx_trip_hyst(struct thermal_zone_device *tz, int trip, int *hyst)
{
	*hyst = 0;
	return 0;
}

static int mbx_crit_temp(struct thermal_zone_device *tz, int *temp)
{
	return mbx_trip_temp(tz, 0, temp);
}

static struct thermal_zone_device_ops mbx_ops = {
	.get_temp = mbx_get_temp,
	.get_trip_type = mbx_trip_type,
	.get_trip_temp = mbx_trip_temp,
	.get_trip_hyst = mbx_trip_hyst,
	.get_crit_temp = mbx_crit_temp,
};
static struct thermal_zone_params mbx_params = { .no_hwmon = true };

/*
 * The kernel's own "temp" attribute turns EAGAIN into ENODATA (since 6.1; a
 * Jetson's 5.10 and 5.15 do not), and what a program makes of an EAGAIN from
 * read() is worth testing: so this one, with the error as it is, takes its place.
 */
static ssize_t temp_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct thermal_zone_device *tz = container_of(dev, struct thermal_zone_device, device);
	int temp, ret;

	mutex_lock(&tz->lock);
	ret = mbx_get_temp(tz, &temp);
	mutex_unlock(&tz->lock);
	return ret ? ret : sysfs_emit(buf, "%d\n", temp);
}
static DEVICE_ATTR_RO(temp);

static void mbx_unregister(void)
{
	int i;

	for (i = 0; i < NZONES; i++) {
		if (!IS_ERR_OR_NULL(zones[i].tz))
			thermal_zone_device_unregister(zones[i].tz);
		zones[i].tz = NULL;
	}
}

static int mbx_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	bool jp5 = !strcmp(naming, "jp5");
	void __iomem *mbx;
	int i, n, ret;

	if (zones[0].tz)
		return -EBUSY;
	ret = pcim_enable_device(pdev);
	if (ret)
		return ret;
	mbx = pcim_iomap(pdev, 2, 0);
	if (!mbx)
		return -ENOMEM;
	if (ioread32(mbx) != MBX_MAGIC)
		return -ENODEV;

	for (i = 0; i < NZONES; i++) {
		struct mbx_zone *z = &zones[i];

		z->mbx = mbx;
		z->slot = i;
		n = 0;
		/* the kernel powers off there, as on Orin */
		z->trips[n++] = (struct thermal_trip){
			.temperature = 104500, .type = THERMAL_TRIP_CRITICAL };
		if (i != TJ)
			z->trips[n++] = (struct thermal_trip){
				.temperature = 99000, .type = THERMAL_TRIP_PASSIVE };
		z->ntrips = n;
		z->tz = thermal_zone_device_register(
				jp5 ? names[i].jp5 : names[i].jp6, n, 0,
				z, &mbx_ops, &mbx_params, 1000, 1000);
		if (IS_ERR(z->tz)) {
			ret = PTR_ERR(z->tz);
			mbx_unregister();
			return ret;
		}
		sysfs_remove_file(&z->tz->device.kobj, &dev_attr_temp.attr);
		ret = device_create_file(&z->tz->device, &dev_attr_temp);
		if (ret) {
			mbx_unregister();
			return ret;
		}
		thermal_zone_device_enable(z->tz);
	}
	return 0;
}

static void mbx_remove(struct pci_dev *pdev)
{
	mbx_unregister();
}

static const struct pci_device_id mbx_ids[] = {
	{ PCI_DEVICE(0x1af4, 0x1110) },	/* ivshmem */
	{ }
};
MODULE_DEVICE_TABLE(pci, mbx_ids);

static struct pci_driver mbx_driver = {
	.name = "jetson_thermal",
	.id_table = mbx_ids,
	.probe = mbx_probe,
	.remove = mbx_remove,
};
module_pci_driver(mbx_driver);

MODULE_DESCRIPTION("Jetson-named thermal zones whose temperatures the host sets");
MODULE_LICENSE("GPL");
