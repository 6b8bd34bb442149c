package dev.plumbline.cli.output;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.util.JsonFormat;
import java.io.PrintWriter;

/** JSON documents: our own in snake case, resources as protobuf prescribes. */
public final class Json {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final JsonFormat.Printer RESOURCES =
            JsonFormat.printer().alwaysPrintFieldsWithNoPresence();

    private Json() {}

    public static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    public static ArrayNode array() {
        return MAPPER.createArrayNode();
    }

    public static ArrayNode integers(Iterable<Integer> values) {
        ArrayNode array = array();
        values.forEach(array::add);
        return array;
    }

    public static ArrayNode numbers(Iterable<Double> values) {
        ArrayNode array = array();
        values.forEach(array::add);
        return array;
    }

    /** A message with the field names of its proto file, as {@code metrics.jsonl} has them. */
    public static ObjectNode snakeCase(MessageOrBuilder message) {
        try {
            return (ObjectNode)
                    MAPPER.readTree(RESOURCES.preservingProtoFieldNames().print(message));
        } catch (InvalidProtocolBufferException | JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** A resource as protobuf's own JSON. */
    public static void printResource(PrintWriter out, MessageOrBuilder message) {
        try {
            out.println(RESOURCES.print(message));
            out.flush();
        } catch (InvalidProtocolBufferException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    public static void print(PrintWriter out, Object document) {
        try {
            out.println(MAPPER.writeValueAsString(document));
            out.flush();
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
