// HTTPSender: performs HTTP requests by libcurl, which no other module imports, and decides which addresses they may
// go to.
//
// One thread, `courier`, owns everything of libcurl's: the multi handles, the easy handles and the connections between
// uses. It waits in epoll and is woken through an eventfd when somebody sends. Requests come in through
// `CourierInbox`; results go out by calling the sender's closure on that thread, once for each `send` a turn.
