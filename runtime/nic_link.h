// nic_link.h -- link headers: what captures bring, what the card delivers.
//
// A program sees Ethernet frames whatever the capture was taken on: the headers
// of raw IP, Linux "cooked" and loopback captures are replaced by an Ethernet
// header with the same protocol.  Other link types are refused when a capture is
// opened.
#ifndef RUNTIME_NIC_LINK_H
#define RUNTIME_NIC_LINK_H

#include <stdbool.h>
#include <stdint.h>

// As libpcap numbers them (its DLT_ values; www.tcpdump.org/linktypes.html).
enum {
    LINK_NULL = 0,
    LINK_ETHERNET = 1,
    LINK_RAW = 12,
    LINK_LOOP = 108,
    LINK_LINUX_SLL = 113,
    LINK_IPV4 = 228,
    LINK_IPV6 = 229,
    LINK_LINUX_SLL2 = 276,
};

enum { ETHERNET_HEADER = 14 };

// What stands in the place of the first `skip` bytes.
typedef struct {
    uint8_t bytes[ETHERNET_HEADER];
    uint8_t size, skip;
} LinkFront;

bool link_is_known(int link);

// False: the frame is shorter than its link header, or says no protocol we know.
bool link_front(int link, const uint8_t *bytes, uint32_t held, LinkFront *front);

// The same number for all frames of one flow (addresses, protocol and ports, for
// both VLAN tagged and untagged frames); fragments count by their addresses, and
// what is not IP by its MAC addresses.
uint32_t link_flow(const uint8_t *ethernet, uint32_t held);

#endif
