#include "sandbox.h"

#include "module.h"

bool sandbox_enter(Error *err)
{
    Error why;
    SandboxEnter *enter = (SandboxEnter *)module_symbol(SANDBOX_MODULE, SANDBOX_SYMBOL, &why);
    if (!enter)
        return fail(err, "--sandbox needs libseccomp, and its part %s", why.text);
    return enter(err);
}
