// emitters.c -- everything that lc3gen can write.
#include "emit.h"

const Emitter emitters[] = {
    { "tables", "%s_isa.c", NEEDS_WORDS, false, false, emit_tables_c, "encodings, syntax, roles" },
    { "state", "%s_state.h", NEEDS_WORDS, false, false, emit_state_h, "the machine's state and its hooks" },
    { "semantics", "%s_semantics.c", NEEDS_WORDS, true, false, emit_semantics_c,
      "every instruction over a state at rest" },
    { "interp", "%s_interp.c", NEEDS_WORDS, true, false, emit_interp_c, "the interpreters" },
    { "lower", "%s_lower.c", NEEDS_WORDS | NEEDS_LAZY, true, false, emit_lower_c,
      "every instruction said to LLVM" },
    { "jit", "%s_jit.c", NEEDS_WORDS | NEEDS_LAZY, true, false, emit_jit_c,
      "the machine as the JIT knows it" },
    { "manual", "%s_manual.md", NEEDS_WORDS, false, true, emit_manual_md, "the reference manual" },
    { "tests", "%s_words.c", NEEDS_WORDS, false, false, emit_tests_c, "a test of every instruction word" },
    { "module", "%s_module.c", NEEDS_WORDS, true, false, emit_module_c,
      "the file that makes an engine of them" },
    { "headers", "isa.h", NEEDS_WORDS, false, false, emit_isa_h, "what tables look like" },
    { "headers", "module.h", NEEDS_WORDS, false, false, emit_module_h, "what an engine says of itself" },
    { "headers", "engine.h", NEEDS_WORDS, false, false, emit_engine_h,
      "what engines and the runtime agree on" },
    { "words", "%s_table.c", NEEDS_STACK, false, false, emit_stack_table_c,
      "a stack machine's words, kinds and errors" },
    { "machine", "%s_machine.c", NEEDS_STACK, false, false, emit_stack_machine_c, "its interpreters" },
    { "hosts", "%s_machine.h", NEEDS_STACK, false, false, emit_stack_machine_h, "its numbers and hosts" },
    { "guide", "%s_manual.md", NEEDS_STACK, false, true, emit_stack_manual_md, "its reference manual" },
    { 0 },
};
