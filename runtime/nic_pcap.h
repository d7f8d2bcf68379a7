// nic_pcap.h -- the part of the driver that tests reach without a module.
#ifndef RUNTIME_NIC_PCAP_H
#define RUNTIME_NIC_PCAP_H

#include <stdio.h>

#include "nic_driver.h"

// As NicDriver.load, from an open stream, which it closes.  `name` is for messages.
bool nic_pcap_load(FrameTable *to, FILE *in, const char *name, const char *filter, Error *err);

extern const NicDriver lc3_nic_driver;

#endif
