/* An ordinary library: it exports something, but not the entry function. */
int fault_no_entry(void);

__attribute__((visibility("default"))) int fault_no_entry(void) { return 1; }
