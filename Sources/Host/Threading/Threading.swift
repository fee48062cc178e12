// Threading: dedicated threads and the mailboxes between them.
//
// The host has no async functions: libpq, librabbitmq, libcurl and plugins block or bind to a thread, and
// blocking calls must stay off Swift's cooperative pool. So each long-running part owns one named thread with
// a loop, and parts talk by posting batches into each other's mailboxes: one lock and at most one wake-up a
// batch, not a message.
