// Demo: the demonstration. It uses the platform as any client would, through the public API, and receives deliveries
// with a little server of its own. It knows nothing of the server's inside, so what it shows is what users get.
