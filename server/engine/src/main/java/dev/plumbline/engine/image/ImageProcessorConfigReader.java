package dev.plumbline.engine.image;

import com.fasterxml.jackson.databind.JsonNode;
import dev.plumbline.engine.image.ImageProcessorConfig.Exact;
import dev.plumbline.engine.image.ImageProcessorConfig.Resize;
import dev.plumbline.engine.image.ImageProcessorConfig.ShortestEdge;
import dev.plumbline.engine.image.ImageProcessorConfig.Size;
import java.nio.file.Path;
import java.util.Optional;

/** The JSON of CLIP's image processors as transformers has written it over the years. */
final class ImageProcessorConfigReader {
    private static final String TYPE = "CLIPImageProcessor";
    private static final int CLIP_SIZE = 224;

    private final ProcessorJson json;

    private ImageProcessorConfigReader(ProcessorJson json) {
        this.json = json;
    }

    static ImageProcessorConfig read(Path folder) {
        return ProcessorJson.read(
                folder, TYPE, json -> new ImageProcessorConfigReader(json).read());
    }

    private ImageProcessorConfig read() {
        requireClip();
        return new ImageProcessorConfig(
                json.flag("do_resize") ? Optional.of(resize()) : Optional.empty(),
                json.flag("do_center_crop") ? Optional.of(crop()) : Optional.empty(),
                json.rescale(),
                json.flag("do_normalize") ? Optional.of(json.normalization()) : Optional.empty());
    }

    private void requireClip() {
        if (!json.type().equals(TYPE)) {
            throw json.unsupported("the image_processor_type '" + json.type() + "'");
        }
        if (json.config().path("use_square_size").asBoolean(false)) {
            throw json.unsupported("use_square_size");
        }
        if (json.config().path("do_pad").asBoolean(false) && json.config().hasNonNull("pad_size")) {
            throw json.unsupported("pad_size");
        }
    }

    private Resize resize() {
        JsonNode size = json.get("size", ProcessorJson.factory().numberNode(CLIP_SIZE));
        if (size.isInt()) {
            return new ShortestEdge(size.intValue(), json.filter());
        }
        if (size.size() == 1 && size.path("shortest_edge").isInt()) {
            return new ShortestEdge(size.path("shortest_edge").intValue(), json.filter());
        }
        if (size.size() == 2 && size.path("height").isInt() && size.path("width").isInt()) {
            return new Exact(size("size", size), json.filter());
        }
        throw json.unsupported("the size " + size);
    }

    private Size crop() {
        JsonNode size = json.get("crop_size", ProcessorJson.factory().numberNode(CLIP_SIZE));
        return size.isInt() ? new Size(size.intValue(), size.intValue()) : size("crop_size", size);
    }

    private Size size(String name, JsonNode size) {
        if (!size.path("height").isInt() || !size.path("width").isInt()) {
            throw json.unsupported("the " + name + " " + size);
        }
        return new Size(size.path("height").intValue(), size.path("width").intValue());
    }
}
