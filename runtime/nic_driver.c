#include "nic_driver.h"

#include "module.h"

#define MODULE "nic_pcap.so"
#define SYMBOL "lc3_nic_driver"

const NicDriver *nic_driver_open(Error *err)
{
    static const NicDriver *driver;
    if (driver)
        return driver;
    Error why;
    const NicDriver *found = module_symbol(MODULE, SYMBOL, &why);
    if (!found) {
        fail(err, "--nic needs libpcap, and its part %s", why.text);
        return NULL;
    }
    if (found->version != NIC_DRIVER_VERSION) {
        fail(err, MODULE " is of another version (%u, not %u)", found->version, NIC_DRIVER_VERSION);
        return NULL;
    }
    return driver = found;
}
