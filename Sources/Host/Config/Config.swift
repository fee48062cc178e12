// The Config module.
