#include <hooksentry_plugin.h>
