/* What Linux has for memory between processes and for locking a process in, and Swift's Glibc module does not show. */
#pragma once
#include "memory.h"
#include "image.h"
#include "process.h"
#include "landlock.h"
#include "filter.h"
#include "crash.h"
