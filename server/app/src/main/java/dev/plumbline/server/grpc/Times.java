package dev.plumbline.server.grpc;

import com.google.protobuf.Timestamp;
import java.time.Instant;

/** Times as protobuf. */
final class Times {
    private Times() {}

    static Timestamp timestamp(Instant time) {
        return Timestamp.newBuilder()
                .setSeconds(time.getEpochSecond())
                .setNanos(time.getNano())
                .build();
    }
}
