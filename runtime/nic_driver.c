#include "nic_driver.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MODULE "nic_pcap.so"
#define SYMBOL "lc3_nic_driver"

// Beside the running program, which is where a build leaves it; where it lies from
// there when both are installed, wherever that is; where it was to be installed.
static const char *const places[] = { "%.*s/" MODULE, "%.*s/../" LC3_LIBDIR "/lc3/" MODULE, NULL };

static void *open_module(void)
{
    char self[4000], path[5000];
    const ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    self[length > 0 ? length : 0] = 0;
    const char *slash = strrchr(self, '/');
    for (int i = 0; slash && places[i]; i++) {
        snprintf(path, sizeof path, places[i], (int)(slash - self), self);
        if (!access(path, R_OK))
            return dlopen(path, RTLD_NOW | RTLD_LOCAL);
    }
    return dlopen(LC3_MODULE_DIR "/" MODULE, RTLD_NOW | RTLD_LOCAL);
}

const NicDriver *nic_driver_open(Error *err)
{
    static const NicDriver *driver;
    if (driver)
        return driver;
    void *module = open_module();
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
