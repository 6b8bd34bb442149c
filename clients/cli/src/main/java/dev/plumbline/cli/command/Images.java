package dev.plumbline.cli.command;

import com.google.protobuf.ByteString;
import dev.plumbline.cli.server.Environment;
import dev.plumbline.client.PlumblineClientException;
import dev.plumbline.v1.Image;
import io.grpc.Status;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Pictures from the caller's disk. */
final class Images {
    private Images() {}

    static List<Image> read(Environment environment, List<String> files) {
        var images = new ArrayList<Image>();
        for (String file : files) {
            images.add(Image.newBuilder().setData(bytes(environment.resolve(file))).build());
        }
        return images;
    }

    private static ByteString bytes(Path file) {
        try (InputStream stream = Files.newInputStream(file)) {
            return ByteString.readFrom(stream);
        } catch (IOException unreadable) {
            throw new PlumblineClientException(
                    Status.Code.NOT_FOUND,
                    "IMAGE_UNREADABLE",
                    "The image " + file + " cannot be read: check the path of --image.",
                    Map.of("field", "image", "image", file.toString()),
                    unreadable);
        }
    }
}
