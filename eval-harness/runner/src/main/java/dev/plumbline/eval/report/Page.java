package dev.plumbline.eval.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** A whole document: our style, no script, nothing from elsewhere. */
final class Page {
    private final String kind;
    private final String title;
    private final String lead;
    private final List<Markup> sections = new ArrayList<>();

    Page(String kind, String title, String lead) {
        this.kind = kind;
        this.title = title;
        this.lead = lead;
    }

    /** Adds a section with a heading. */
    Page section(String heading, String note, Markup... content) {
        Tag section = Tag.of("section").with(Tag.of("h2").with(Markup.text(heading)));
        Tag noted = note.isEmpty() ? section : section.with(Tag.of("p", "note", note));
        sections.add(noted.with(content));
        return this;
    }

    /** Adds content above the sections. */
    Page top(Markup content) {
        sections.add(content);
        return this;
    }

    /** A list of names and values. */
    static Markup facts(Map<String, String> facts) {
        List<Markup> entries = new ArrayList<>();
        facts.forEach((name, value) ->
                entries.add(
                        Tag.of("div")
                                .with(
                                        Tag.of("dt").with(Markup.text(name)),
                                        Tag.of("dd").with(Markup.text(value)))));
        return Tag.of("dl", "card facts").with(entries);
    }

    String html() {
        Tag head =
                Tag.of("head")
                        .with(
                                Tag.of("meta").set("charset", "utf-8"),
                                Tag.of("meta")
                                        .set("name", "viewport")
                                        .set("content", "width=device-width, initial-scale=1"),
                                Tag.of("title").with(Markup.text(title + " · Plumbline")),
                                Tag.of("style").with(Markup.text(style())));
        Tag header =
                Tag.of("header")
                        .with(
                                Tag.of("p", "eyebrow")
                                        .with(bob(), Markup.text("Plumbline · " + kind)),
                                Tag.of("h1").with(Markup.text(title)),
                                Tag.of("p", "lead", lead));
        Tag body = Tag.of("body").with(Tag.of("main").with(header).with(sections));
        StringBuilder out = new StringBuilder("<!DOCTYPE html>\n");
        Tag.of("html").set("lang", "en").with(head, body).write(out);
        return out.append('\n').toString();
    }

    /** A plumb line. */
    private static Markup bob() {
        return Tag.of("svg", "bob")
                .set("viewBox", "0 0 16 24")
                .set("aria-hidden", "true")
                .with(
                        Tag.of("line").set("x1", 8).set("x2", 8).set("y1", 0).set("y2", 11),
                        Tag.of("path").set("d", "M3 11h10v4l-5 8-5-8z"));
    }

    /** The style sheet; it holds nothing that HTML would want escaped. */
    private static String style() {
        try (InputStream in =
                Objects.requireNonNull(Page.class.getResourceAsStream("report.css"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
