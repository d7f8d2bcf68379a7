// listing.h -- the source with its words beside it.
#ifndef ASM_LISTING_H
#define ASM_LISTING_H

#include "object.h"

// Writes every file of an object that was assembled here (obj->sources), each
// line with the address and the words it made.
void listing_write(Writer *w, const Object *obj);

#endif
