package dev.plumbline.cli.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** Two ports that nobody listens on. */
record FreePorts(int grpc, int http) {
    static FreePorts find() throws IOException {
        var loopback = InetAddress.getLoopbackAddress();
        // Both are open at once, or the second could be the first.
        try (var grpc = new ServerSocket(0, 1, loopback);
                var http = new ServerSocket(0, 1, loopback)) {
            return new FreePorts(grpc.getLocalPort(), http.getLocalPort());
        }
    }
}
