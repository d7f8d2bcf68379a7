#include "nic_driver.h"

#include <dlfcn.h>
#include <string.h>
#include <unistd.h>

#define MODULE "nic_pcap.so"
#define SYMBOL "lc3_nic_driver"

// Beside the running program, which is where a build leaves it.
static void *open_beside(void)
{
    char path[4096];
    const ssize_t length = readlink("/proc/self/exe", path, sizeof path - sizeof MODULE);
    if (length <= 0)
        return NULL;
    path[length] = 0;
    char *slash = strrchr(path, '/');
    strcpy(slash ? slash + 1 : path, MODULE);
    return access(path, R_OK) ? NULL : dlopen(path, RTLD_NOW | RTLD_LOCAL);
}

const NicDriver *nic_driver_open(Error *err)
{
    static const NicDriver *driver;
    if (driver)
        return driver;
    void *module = open_beside();
    if (!module)
        module = dlopen(LC3_MODULE_DIR "/" MODULE, RTLD_NOW | RTLD_LOCAL);
    const NicDriver *found = module ? dlsym(module, SYMBOL) : NULL;
    if (!found) {
        const char *reason = dlerror();
        fail(err, "--nic needs libpcap, and its part %s is not built in (%s)", MODULE,
             reason ? reason : "no symbol");
        return NULL;
    }
    if (found->version != NIC_DRIVER_VERSION) {
        fail(err, MODULE " is of another version (%u, not %u)", found->version, NIC_DRIVER_VERSION);
        return NULL;
    }
    return driver = found;
}
