package dev.plumbline.server.service;

import java.util.List;

/**
 * What a client wants to have live.
 *
 * @param model resource name
 * @param path PEFT folder on the server's disk, or empty
 * @param source resource name of an adapter that is kept or of a run, or empty
 * @param id last part of the name; empty takes the source's
 * @param allowNoEffect takes an adapter that changes nothing
 * @param temporary keeps no copy
 * @param probe rows to measure the effect on; empty takes built-in ones
 */
public record AdapterLoad(
        String model,
        String path,
        String source,
        String id,
        boolean allowNoEffect,
        boolean temporary,
        List<ProbeQuestion> probe) {
    public AdapterLoad {
        probe = List.copyOf(probe);
        if (!id.isEmpty()) {
            ResourceNames.checkedId(id, "adapter_id");
        }
    }
}
