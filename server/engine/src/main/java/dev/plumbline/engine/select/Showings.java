package dev.plumbline.engine.select;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a selector shows its readers. */
public final class Showings {
    private final Map<String, Double> reports = new LinkedHashMap<>();
    private final List<Exhibit> exhibits = new ArrayList<>();
    private final Set<Path> artefacts = new LinkedHashSet<>();

    /** A candidate that stands for something. */
    public record Exhibit(String what, int candidate, double value) {}

    void report(String name, double value) {
        reports.put(name, value);
    }

    void exhibit(Exhibit exhibit) {
        exhibits.add(exhibit);
    }

    void artefact(Path file) {
        artefacts.add(file);
    }

    /** Figures by name, in the order of their coming. */
    public Map<String, Double> reports() {
        return new LinkedHashMap<>(reports);
    }

    public List<Exhibit> exhibits() {
        return List.copyOf(exhibits);
    }

    /** Files that were read or written. */
    public List<Path> artefacts() {
        return List.copyOf(artefacts);
    }
}
