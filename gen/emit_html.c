// The reference manuals once more, as HTML.
#include "emit.h"
#include "html.h"

static void emit_page(Emit *manual, const Isa *isa, const EmitOptions *options, Writer *w)
{
    Writer markdown = { 0 };
    manual(isa, options, &markdown);
    html_page(w, (Text){ markdown.at, markdown.len });
    writer_free(&markdown);
}

void emit_manual_html(const Isa *isa, const EmitOptions *options, Writer *w)
{
    emit_page(emit_manual_md, isa, options, w);
}

void emit_stack_manual_html(const Isa *isa, const EmitOptions *options, Writer *w)
{
    emit_page(emit_stack_manual_md, isa, options, w);
}
