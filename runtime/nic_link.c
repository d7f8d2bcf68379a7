#include "nic_link.h"

#include <string.h>

enum { TYPE_IPV4 = 0x0800, TYPE_VLAN = 0x8100, TYPE_IPV6 = 0x86DD, TYPE_QINQ = 0x88A8 };
enum { PROTOCOL_TCP = 6, PROTOCOL_UDP = 17, PROTOCOL_SCTP = 132 };

static unsigned get16(const uint8_t *p)
{
    return (unsigned)p[0] << 8 | p[1];
}

bool link_is_known(int link)
{
    switch (link) {
    case LINK_NULL:
    case LINK_ETHERNET:
    case LINK_RAW:
    case LINK_LOOP:
    case LINK_LINUX_SLL:
    case LINK_IPV4:
    case LINK_IPV6:
    case LINK_LINUX_SLL2:
        return true;
    default:
        return false;
    }
}

static bool replace(LinkFront *front, unsigned skip, const uint8_t *source_mac, unsigned type)
{
    *front = (LinkFront){ .size = ETHERNET_HEADER, .skip = (uint8_t)skip };
    if (source_mac)
        memcpy(front->bytes + 6, source_mac, 6);
    front->bytes[12] = (uint8_t)(type >> 8);
    front->bytes[13] = (uint8_t)type;
    return true;
}

// The version in the first byte says which IP it is.
static bool replace_raw(LinkFront *front, const uint8_t *bytes, uint32_t held)
{
    if (!held)
        return false;
    const unsigned version = bytes[0] >> 4;
    return (version == 4 || version == 6) && replace(front, 0, NULL, version == 4 ? TYPE_IPV4 : TYPE_IPV6);
}

// The header is an address family in the byte order of the machine that captured,
// and the families of IPv6 differ between systems.
static bool replace_family(LinkFront *front, const uint8_t *bytes, uint32_t held)
{
    if (held < 4)
        return false;
    const unsigned family = bytes[0] | bytes[3]; // all of them fit in a byte
    switch (family) {
    case 2:
        return replace(front, 4, NULL, TYPE_IPV4);
    case 10: // Linux
    case 24: // NetBSD, OpenBSD
    case 28: // FreeBSD
    case 30: // macOS
        return replace(front, 4, NULL, TYPE_IPV6);
    default:
        return false;
    }
}

bool link_front(int link, const uint8_t *bytes, uint32_t held, LinkFront *front)
{
    switch (link) {
    case LINK_ETHERNET:
        front->size = front->skip = 0;
        return true;
    case LINK_RAW:
        return replace_raw(front, bytes, held);
    case LINK_IPV4:
        return replace(front, 0, NULL, TYPE_IPV4);
    case LINK_IPV6:
        return replace(front, 0, NULL, TYPE_IPV6);
    case LINK_NULL:
    case LINK_LOOP:
        return replace_family(front, bytes, held);
    case LINK_LINUX_SLL: // type 2, ARPHRD 2, address length 2, address 8, protocol 2
        return held >= 16 && replace(front, 16, bytes + 6, get16(bytes + 14));
    case LINK_LINUX_SLL2: // protocol 2, 0 2, interface 4, ARPHRD 2, type 1, address length 1, address 8
        return held >= 20 && replace(front, 20, bytes + 12, get16(bytes));
    default:
        return false;
    }
}

// ------------------------------------------------------------------- flows

static uint32_t mix(uint32_t hash, const uint8_t *bytes, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        hash = (hash ^ bytes[i]) * 16777619u; // FNV-1a
    return hash;
}

// FNV leaves its low bits poor, and a modulo by a small number looks at them.
static uint32_t finish(uint32_t hash)
{
    hash ^= hash >> 16;
    hash *= 0x85EBCA6Bu;
    return hash ^ hash >> 13;
}

static bool has_ports(unsigned protocol)
{
    return protocol == PROTOCOL_TCP || protocol == PROTOCOL_UDP || protocol == PROTOCOL_SCTP;
}

static uint32_t flow_ipv4(uint32_t hash, const uint8_t *ip, uint32_t held)
{
    if (held < 20)
        return hash;
    hash = mix(hash, ip + 12, 8);
    hash = mix(hash, ip + 9, 1);
    const bool is_fragment = get16(ip + 6) & 0x3FFF;
    const unsigned header = (ip[0] & 15u) * 4;
    if (!is_fragment && has_ports(ip[9]) && header >= 20 && held >= header + 4)
        hash = mix(hash, ip + header, 4);
    return hash;
}

static uint32_t flow_ipv6(uint32_t hash, const uint8_t *ip, uint32_t held)
{
    if (held < 40)
        return hash;
    hash = mix(hash, ip + 8, 32);
    hash = mix(hash, ip + 6, 1);
    if (has_ports(ip[6]) && held >= 44)
        hash = mix(hash, ip + 40, 4);
    return hash;
}

uint32_t link_flow(const uint8_t *ethernet, uint32_t held)
{
    const uint32_t start = 2166136261u;
    if (held < ETHERNET_HEADER)
        return finish(mix(start, ethernet, held));
    uint32_t at = ETHERNET_HEADER;
    unsigned type = get16(ethernet + 12);
    while ((type == TYPE_VLAN || type == TYPE_QINQ) && held >= at + 4) {
        type = get16(ethernet + at + 2);
        at += 4;
    }
    if (type == TYPE_IPV4)
        return finish(flow_ipv4(start, ethernet + at, held - at));
    if (type == TYPE_IPV6)
        return finish(flow_ipv6(start, ethernet + at, held - at));
    return finish(mix(start, ethernet, 12));
}
