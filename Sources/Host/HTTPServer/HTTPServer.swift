// HTTPServer: requests, responses, limits and a router over libmicrohttpd. It knows no resource.
