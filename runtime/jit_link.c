#include "jit_link.h"

#include <elf.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

typedef struct {
    char *at;
    size_t size;
    Elf64_Ehdr *elf;
    Elf64_Shdr *sections;
    char *memory;
} Link;

static bool is_inside(const Link *l, uint64_t offset, uint64_t size)
{
    return offset <= l->size && size <= l->size - offset;
}

static bool read_headers(Link *l, const JitObject *object)
{
    *l = (Link){ .at = object->bytes, .size = object->size, .elf = object->bytes };
    const Elf64_Ehdr *elf = l->elf;
#if defined(__x86_64__)
    const uint16_t machine = EM_X86_64;
#else
    const uint16_t machine = EM_NONE; // linked by LLVM
#endif
    if (l->size < sizeof *elf || memcmp(elf->e_ident, ELFMAG, SELFMAG) || elf->e_ident[EI_CLASS] != ELFCLASS64 ||
        elf->e_machine != machine || elf->e_type != ET_REL || elf->e_shentsize != sizeof *l->sections ||
        !is_inside(l, elf->e_shoff, (uint64_t)elf->e_shnum * sizeof *l->sections))
        return false;
    l->sections = (Elf64_Shdr *)(l->at + elf->e_shoff);
    for (int i = 0; i < elf->e_shnum; i++)
        if (l->sections[i].sh_type != SHT_NOBITS && !is_inside(l, l->sections[i].sh_offset, l->sections[i].sh_size))
            return false;
    return true;
}

static bool is_loaded(const Elf64_Shdr *s)
{
    return s->sh_flags & SHF_ALLOC && s->sh_size;
}

static size_t lay_out(Link *l)
{
    size_t at = 0;
    for (int i = 0; i < l->elf->e_shnum; i++) {
        Elf64_Shdr *s = &l->sections[i];
        if (!is_loaded(s))
            continue;
        const size_t align = s->sh_addralign ? s->sh_addralign : 1;
        at = (at + align - 1) / align * align;
        s->sh_addr = at;
        at += s->sh_size;
    }
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    return (at + page - 1) / page * page;
}

static void copy_sections(Link *l)
{
    for (int i = 0; i < l->elf->e_shnum; i++) {
        Elf64_Shdr *s = &l->sections[i];
        if (!is_loaded(s))
            continue;
        s->sh_addr += (uint64_t)(uintptr_t)l->memory;
        if (s->sh_type != SHT_NOBITS)
            memcpy((void *)(uintptr_t)s->sh_addr, l->at + s->sh_offset, s->sh_size);
    }
}

static bool symbol_address(const Link *l, const Elf64_Sym *symbol, uint64_t *address)
{
    if (symbol->st_shndx == SHN_UNDEF || symbol->st_shndx >= l->elf->e_shnum ||
        !is_loaded(&l->sections[symbol->st_shndx]))
        return false;
    *address = l->sections[symbol->st_shndx].sh_addr + symbol->st_value;
    return true;
}

static bool relocate(const Elf64_Rela *r, char *place, uint64_t symbol)
{
    const uint64_t value = symbol + (uint64_t)r->r_addend, distance = value - (uint64_t)(uintptr_t)place;
    switch (ELF64_R_TYPE(r->r_info)) {
    case R_X86_64_64:
        memcpy(place, &value, 8);
        return true;
    case R_X86_64_PC32:
    case R_X86_64_PLT32:
        memcpy(place, &distance, 4);
        return (int64_t)distance == (int32_t)distance;
    default:
        return false;
    }
}

static bool relocate_section(Link *l, const Elf64_Shdr *s)
{
    if (s->sh_info >= l->elf->e_shnum || s->sh_link >= l->elf->e_shnum)
        return false;
    const Elf64_Shdr *target = &l->sections[s->sh_info], *table = &l->sections[s->sh_link];
    const Elf64_Rela *r = (const Elf64_Rela *)(l->at + s->sh_offset);
    const Elf64_Sym *symbols = (const Elf64_Sym *)(l->at + table->sh_offset);
    for (size_t i = 0; is_loaded(target) && i < s->sh_size / sizeof *r; i++) {
        uint64_t symbol;
        if (ELF64_R_SYM(r[i].r_info) >= table->sh_size / sizeof *symbols || r[i].r_offset + 8 > target->sh_size + 4 ||
            !symbol_address(l, &symbols[ELF64_R_SYM(r[i].r_info)], &symbol) ||
            !relocate(&r[i], (char *)(uintptr_t)(target->sh_addr + r[i].r_offset), symbol))
            return false;
    }
    return true;
}

static bool find_function(const Link *l, const char *name, JitLinked *linked)
{
    for (int i = 0; i < l->elf->e_shnum; i++) {
        const Elf64_Shdr *s = &l->sections[i];
        if (s->sh_type != SHT_SYMTAB || s->sh_link >= l->elf->e_shnum)
            continue;
        const Elf64_Sym *symbols = (const Elf64_Sym *)(l->at + s->sh_offset);
        const Elf64_Shdr *names = &l->sections[s->sh_link];
        for (size_t k = 0; k < s->sh_size / sizeof *symbols; k++) {
            uint64_t address;
            if (symbols[k].st_name >= names->sh_size || !symbol_address(l, &symbols[k], &address) ||
                strncmp(l->at + names->sh_offset + symbols[k].st_name, name, names->sh_size - symbols[k].st_name))
                continue;
            linked->function = (void *)(uintptr_t)address;
            linked->function_bytes = symbols[k].st_size;
            return true;
        }
    }
    return false;
}

bool object_link(const JitObject *object, JitLinked *linked)
{
    Link l;
    *linked = (JitLinked){ 0 };
    if (!read_headers(&l, object))
        return false;
    linked->size = lay_out(&l);
    linked->memory = mmap(NULL, linked->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (linked->memory == MAP_FAILED) {
        linked->memory = NULL;
        return false;
    }
    l.memory = linked->memory;
    copy_sections(&l);
    bool fine = find_function(&l, object->symbol, linked);
    for (int i = 0; fine && i < l.elf->e_shnum; i++) {
        const Elf64_Shdr *s = &l.sections[i];
        fine = s->sh_type == SHT_RELA ? relocate_section(&l, s) : s->sh_type != SHT_REL;
    }
    if (!fine || mprotect(linked->memory, linked->size, PROT_READ | PROT_EXEC)) {
        object_unlink(linked);
        return false;
    }
    return true;
}

void object_unlink(JitLinked *linked)
{
    if (linked->memory)
        munmap(linked->memory, linked->size);
    linked->memory = NULL;
}
