#include "module.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *const places[] = { "%.*s/%s", "%.*s/../" LC3_LIBDIR "/lc3/%s", NULL };

static void *open_module(const char *file)
{
    char self[4000], path[5000];
    const ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    self[length > 0 ? length : 0] = 0;
    const char *slash = strrchr(self, '/');
    for (int i = 0; slash && places[i]; i++) {
        snprintf(path, sizeof path, places[i], (int)(slash - self), self, file);
        if (!access(path, R_OK))
            return dlopen(path, RTLD_NOW | RTLD_LOCAL);
    }
    snprintf(path, sizeof path, LC3_MODULE_DIR "/%s", file);
    return dlopen(path, RTLD_NOW | RTLD_LOCAL);
}

void *module_symbol(const char *file, const char *symbol, Error *err)
{
    void *module = open_module(file), *found = module ? dlsym(module, symbol) : NULL;
    if (found)
        return found;
    const char *reason = dlerror();
    fail(err, "%s is not built in (%s)", file, reason ? reason : "no symbol");
    return NULL;
}
